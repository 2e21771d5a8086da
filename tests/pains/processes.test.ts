/** What users of such clients complain about, when it comes to the server's process. One test for each pain. */
import { fileURLToPath } from 'node:url';
import { AsyncClient, ServerClosedError, SpawnError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { runningOf } from '../helpers/processes.js';
import { startScripted } from '../helpers/scripted.js';

const server = (name: string) => fileURLToPath(new URL(`../../fixtures/servers/${name}`, import.meta.url));
const SESSION = fileURLToPath(new URL('../../fixtures/transcripts/short-session.jsonl', import.meta.url));
const MIB = 1024 * 1024;

test('EPIPE on the stdin of the server crashes the host: here it is the error of the call', async () => {
  const client = await startScripted('closes-stdin-after-handshake', [], { shutdownGraceMs: 50 });
  for await (const line of client.takeStderr() ?? []) if (line === 'stdin is closed') break;
  const errors = await Promise.all(
    [client.notify('a'), client.request('b'), client.turnRun({ threadId: 't', input: 'c' }).result()].map(
      (call) => call.catch((error: unknown) => error),
    ),
  );
  for (const error of errors) expect(error).toBeInstanceOf(ServerClosedError);
  expect((await client.closed).error).toMatchObject({ cause: expect.objectContaining({ code: 'EPIPE' }) });
});

test('spawn codex ENOENT: the error names what was tried and how to install codex', async () => {
  const error = await AsyncClient.start({ codexPath: '/no/such/codex' }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SpawnError);
  expect(String(error)).toContain('/no/such/codex');
  expect(String(error)).toContain('npm install @openai/codex');
});

test('orphaned app-servers: a function that throws in the middle of its work leaves no server behind', async () => {
  let pid: number | undefined;
  const work = async () => {
    await using client = await startScripted('echo-params');
    pid = client.pid;
    throw new Error('the work failed');
  };
  await expect(work()).rejects.toThrow('the work failed');
  expect(await runningOf([pid], 'echo-params')).toEqual([]);
});

test('stderr that nobody reads blocks the server, or eats memory: it is drained, and little of it is kept', async () => {
  const bytes = 8 * MIB;
  const client = await AsyncClient.spawn({
    command: ['/bin/sh', server('fault-plays.sh'), SESSION, '0', `floods-stderr:${bytes}`],
  });
  const { stderrTail, exitCode } = await client.closed;
  expect(exitCode).toBe(6);
  expect(client.stats().stderr.receivedBytes).toBeGreaterThan(bytes);
  expect(Buffer.byteLength(stderrTail)).toBeLessThanOrEqual(16 * 1024);
  expect(stderrTail).toContain('last words');
});

test('a line of 43 MB kills the client or takes minutes: it is one message, whole', async () => {
  const start = '{"method":"warning","params":{"message":"';
  await using client = await AsyncClient.spawn({
    command: ['/bin/sh', server('fault-long-line.sh'), start, String(43 * MIB), '"}}'],
  });
  const message = await client.nextMessage();
  expect(message?.method === 'warning' && message.params.message.length).toBe(43 * MIB);
  expect(message?.method === 'warning' && /^x+$/.test(message.params.message)).toBe(true);
});

test('a bounded buffer that deadlocks: a request behind more events than the buffer holds is answered', async () => {
  await using client = await startScripted('flood-before-answer', ['5000'], { buffer: { highWaterMark: 4 } });
  const first = client.request('first');
  let read = 0;
  for await (const _ of client.events()) {
    read += 1;
    if (read === 10) expect(await client.request('second')).toEqual({ sent: 10_000 });
    if (read === 10_000) break;
  }
  expect(await first).toEqual({ sent: 5_000 });
});
