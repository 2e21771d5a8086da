/** The names of the protocol, as the checks look them up. */
import { expect, test } from 'vitest';
import {
  paramsKeysOf,
  resultChoicesOf,
  SERVER_MESSAGE_METHODS,
  speaksOurVersion,
} from '../../../src/protocol/checks/known-names.js';
import { CLIENT_METHODS, PROTOCOL_VERSION, SERVER_REQUEST_METHODS } from '../../../src/protocol/generated.js';

test('only a server of the version that the types were made from speaks it', () => {
  expect(speaksOurVersion(PROTOCOL_VERSION)).toBe(true);
  expect(speaksOurVersion(`${PROTOCOL_VERSION}-alpha.1`)).toBe(false);
  expect(speaksOurVersion(undefined)).toBe(false);
});

test('every method has the keys of its params, and none when it takes none', () => {
  expect(CLIENT_METHODS.filter((method) => paramsKeysOf(method) === undefined)).toEqual([]);
  expect(paramsKeysOf('turn/interrupt')).toEqual(['threadId', 'turnId']);
  expect(paramsKeysOf('turn/interrupt')).toBe(paramsKeysOf('turn/interrupt'));
  expect(paramsKeysOf('memory/reset')).toEqual([]);
  expect(paramsKeysOf('toString')).toBeUndefined();
});

test('the keys are those of every member of a union', () => {
  expect(paramsKeysOf('account/login/start')).toEqual(expect.arrayContaining(['type', 'apiKey', 'region']));
});

test('every server request has the keys of its answer, and the choices where they are listed', () => {
  expect(SERVER_REQUEST_METHODS.filter((method) => resultChoicesOf(method) === undefined)).toEqual([]);
  expect(resultChoicesOf('item/permissions/requestApproval')).toEqual({
    permissions: [],
    scope: ['turn', 'session'],
    strictAutoReview: [],
  });
  expect(resultChoicesOf('toString')).toBeUndefined();
});

test('the messages of a server are its requests and its notifications', () => {
  expect(SERVER_MESSAGE_METHODS).toEqual(expect.arrayContaining(['item/tool/call', 'turn/completed']));
});
