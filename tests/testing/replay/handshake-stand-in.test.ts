/** The handshake of a tape that begins after it. */
import { expect, it } from 'vitest';
import { answerHandshake } from '../../../src/testing/replay/handshake-stand-in.js';
import { TURN } from './made-tapes.js';

const INITIALIZE = { id: 1, method: 'initialize', params: { clientInfo: { name: 'me', version: '1' } } };

it('names the version of the server, or else that of the types', () => {
  const userAgentOf = (server: string | null) => {
    const answer = answerHandshake(INITIALIZE, { ...TURN.header, server })?.answer;
    return answer?.['result'];
  };
  expect(userAgentOf('0.170.1')).toMatchObject({ userAgent: 'me/0.170.1', platformOs: 'linux' });
  expect(userAgentOf(null)).toMatchObject({ userAgent: 'me/0.169.0' });
});

it('answers initialize by its id, takes initialized, and leaves everything else', () => {
  expect(answerHandshake(INITIALIZE, TURN.header)?.answer).toMatchObject({ id: 1 });
  expect(answerHandshake({ method: 'initialized' }, TURN.header)).toEqual({ answer: undefined });
  expect(answerHandshake({ id: 1, method: 'thread/start' }, TURN.header)).toBeUndefined();
  expect(answerHandshake({ id: 1, result: {} }, TURN.header)).toBeUndefined();
});
