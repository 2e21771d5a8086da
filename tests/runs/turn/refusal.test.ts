/** What is asked of a run that nobody reads is refused once, and only where the run may answer. */
import type { ServerRequest } from 'codex-async-client';
import { expect, test } from 'vitest';
import { refuse } from '../../../src/runs/turn/refusal.js';
import { TurnRecord } from '../../../src/runs/turn/turn-record.js';
import type { Peer } from '../../../src/session/peer.js';
import { ask } from '../../helpers/messages.js';

/** A peer that notes what is answered; its server may be gone. */
function startPeer({ isOpen = true, failure }: { isOpen?: boolean; failure?: Error } = {}) {
  const answered: unknown[] = [];
  const settled = () => (failure === undefined ? Promise.resolve() : Promise.reject(failure));
  const peer = {
    asked: { isOpen: () => isOpen },
    respond: (_request: ServerRequest, result: unknown) => {
      answered.push({ result });
      return settled();
    },
    respondError: (_request: ServerRequest, code: number, message: string) => {
      answered.push({ code, message });
      return settled();
    },
  };
  // A refusal uses nothing else.
  return { peer: peer as unknown as Peer, answered };
}

const startRecord = () => new TurnRecord({ collectEvents: false });

const unknown = { kind: 'request', id: 1, method: 'some/newer/request', params: {} } as never;

test('L16 what has a denial is denied, and the rest is an error that names the method', () => {
  const { peer, answered } = startPeer();
  refuse(peer, startRecord(), ask(0));
  refuse(peer, startRecord(), unknown);
  expect(answered).toEqual([
    { result: expect.objectContaining({ success: false }) },
    { code: -32601, message: 'nobody answers some/newer/request here' },
  ]);
});

test('L12 a request that was answered or withdrawn is left alone', () => {
  const { peer, answered } = startPeer({ isOpen: false });
  refuse(peer, startRecord(), ask(0));
  expect(answered).toEqual([]);
});

test('L16 what a turn asks that may be somebody else’s is left to its starter', () => {
  const { peer, answered } = startPeer();
  const record = startRecord();
  record.noteSent(true);
  refuse(peer, record, ask(0));
  expect(answered).toEqual([]);
});

test('L10 a server that is gone leaves no rejection without an owner', async () => {
  const { peer, answered } = startPeer({ failure: new Error('gone') });
  refuse(peer, startRecord(), ask(0));
  refuse(peer, startRecord(), unknown);
  // A rejection that nobody handles fails the test's process.
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toHaveLength(2);
});
