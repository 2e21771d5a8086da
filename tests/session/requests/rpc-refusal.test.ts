/** What is said of a refused request: the server's words, and a way on. */
import { expect, test } from 'vitest';
import { rpcRefusal } from '../../../src/session/requests/rpc-refusal.js';

const refusal = (method: string, message: string) => rpcRefusal(method, { code: -32600, message, data: 5 });

test.each<[string, string, string]>([
  [
    'thread/start',
    'Not initialized',
    'thread/start failed: Not initialized (-32600); call initialize() first',
  ],
  [
    'turn/start',
    'thread not found: 0198',
    'turn/start failed: thread not found: 0198 (-32600); resume it first: threadResume({ threadId })',
  ],
  ['thread/read', 'thread not loaded: 0198', '; resume it first: threadResume({ threadId })'],
])('%s: "%s" comes with what to do', (method, message, expected) => {
  expect(refusal(method, message).message).toContain(expected);
  expect(refusal(method, message)).toMatchObject({
    serverMessage: message,
    rpcCode: -32600,
    data: 5,
    method,
  });
});

test('an unknown method comes with the three nearest names of the server, not with all', () => {
  const known = ['initialize', 'thread/start', 'thread/stop', 'turn/start', 'thread/read'];
  const message = `Invalid request: unknown variant \`threadStart\`, expected one of ${known.map((name) => `\`${name}\``).join(', ')}`;
  expect(refusal('threadStart', message).message).toBe(
    'threadStart failed: the server knows no method "threadStart"; the nearest of its 5 are "thread/start", "thread/stop", "turn/start" (-32600)',
  );
  expect(refusal('threadStart', message).serverMessage).toBe(message);
});

test.each<[string, string]>([
  ['thread/start', 'Invalid request: unknown variant `nev`, expected one of `never`, `on-request`'],
  ['thread/resume', 'thread not found: 0198'],
  ['x/y', 'it says `x/y` and no more'],
  ['x/y', 'anything else'],
])('%s: "%s" passes as it is', (method, message) => {
  expect(refusal(method, message).message).toBe(`${method} failed: ${message} (-32600)`);
});
