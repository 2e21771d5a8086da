/** A thread that has just begun is read with patience; every other refusal is the server's answer. */
import { RpcError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { readThread } from '../../src/runs/thread-reading.js';
import { askedPeer, threadOf } from './turn/asked-peer.js';

const refusal = (message: string, rpcCode = -32603) =>
  new RpcError(`thread/read failed: ${message}`, { method: 'thread/read', rpcCode, data: undefined });

const EMPTY = refusal('failed to read session metadata /h/r.jsonl: rollout at /h/r.jsonl is empty');
const params = { threadId: 't', includeTurns: true };

test('a thread whose file is being begun is read again until it has something', async () => {
  const { peer, asked } = askedPeer([EMPTY, EMPTY, threadOf('active')]);
  await expect(readThread(peer, params, { timeoutMs: 5 })).resolves.toMatchObject({ id: 't' });
  expect(asked).toHaveLength(3);
  for (const one of asked) expect(one).toEqual(['thread/read', params, { timeoutMs: 5 }]);
});

test('a file that stays empty is told of in the words of the server', async () => {
  const { peer, asked } = askedPeer(Array.from({ length: 20 }, () => EMPTY));
  await expect(readThread(peer, params)).rejects.toBe(EMPTY);
  expect(asked.length).toBeLessThan(20);
});

test.each([
  refusal('the store is broken'),
  refusal('no rollout found for thread id t', -32600),
  refusal('rollout at /h/r.jsonl is empty', -32600),
  new Error('gone'),
])('anything else is the answer: %s', async (error) => {
  const { peer, asked } = askedPeer([error, threadOf('idle')]);
  await expect(readThread(peer, params)).rejects.toBe(error);
  expect(asked).toHaveLength(1);
});
