/** Names of messages that nobody sends. */
import { expect, test } from 'vitest';
import { SERVER_MESSAGE_METHODS } from '../../../src/protocol/checks/known-names.js';
import { checkNearMiss } from '../../../src/protocol/checks/method-check.js';
import { PROTOCOL_VERSION } from '../../../src/protocol/generated.js';

const check = (method: string, server: string | undefined) => () =>
  checkNearMiss('filter.methods[0]', method, SERVER_MESSAGE_METHODS, server);

test('L20 a near miss is refused with the name that was meant', () => {
  expect(check('turn/complete', PROTOCOL_VERSION)).toThrow(
    'filter.methods[0]: the protocol has no method "turn/complete"; did you mean "turn/completed"?',
  );
  expect(check('item/toolCall', PROTOCOL_VERSION)).toThrow('did you mean "item/tool/call"?');
  expect(check('item/commandExecution/approval', PROTOCOL_VERSION)).toThrow('requestApproval"?');
});

test('L20 a name that is like none passes: a server to come may have it', () => {
  expect(check('orchestra/tuned', PROTOCOL_VERSION)).not.toThrow();
  expect(check('turn/completed', PROTOCOL_VERSION)).not.toThrow();
});

test('L20 with a server of another version everything passes', () => {
  expect(check('turn/complete', '0.170.0')).not.toThrow();
});

test('L20 before the handshake only what is very near is refused', () => {
  expect(check('turn/complete', undefined)).toThrow('did you mean "turn/completed"?');
  expect(check('item/commandExecution/approval', undefined)).not.toThrow();
});
