/** The methods of the wire with their params and responses, of a small protocol and of the pinned codex. */
import { expect, test } from 'vitest';
import { findCodexExecutable } from '../../src/generator/codex-binary.js';
import { flatten } from '../../src/generator/flatten.js';
import { readMethodMap } from '../../src/generator/method-map.js';
import { readProtocol } from '../../src/generator/protocol-reader.js';
import { RESPONSE_EXCEPTIONS } from '../../src/generator/response-exceptions.js';
import { file, protocol } from './small-protocol.js';

const real = readProtocol(findCodexExecutable());
const map = readMethodMap(flatten(real.all), flatten(real.stable));
const small = (clientRequest: string) => {
  const all = flatten(protocol([], clientRequest));
  return readMethodMap(all, all).clientRequests.at(-1);
};

test('a request has the params of its member, and the response that is named after them', () => {
  expect(small('{ "method": "thing/do", id: number, params?: ThingDoParams, }')).toEqual({
    method: 'thing/do',
    params: 'ThingDoParams | undefined',
    paramsName: 'ThingDoParams',
    paramsOptional: true,
    response: 'ThingDoResponse',
    experimental: false,
  });
});

test('a request without params has the response that is named after its method', () => {
  expect(small('{ "method": "thing/do", id: number, params: undefined, }')).toMatchObject({
    paramsName: undefined,
    paramsOptional: true,
    response: 'ThingDoResponse',
  });
});

test('a method is experimental when the stable types do not have it', () => {
  const stable = flatten(protocol([], '{ "method": "other", id: number, params: undefined, }'));
  const { clientRequests } = readMethodMap(flatten(protocol()), stable);
  expect(clientRequests.map(({ method, experimental }) => [method, experimental])).toEqual([
    ['initialize', false],
    ['thing/do', true],
  ]);
});

test('a member without a method stops the generator', () => {
  const odd = flatten(
    protocol().map((entry) =>
      entry.name === 'ServerRequest'
        ? file('ServerRequest.ts', 'export type ServerRequest = { id: number };\n')
        : entry,
    ),
  );
  expect(() => readMethodMap(odd, odd)).toThrow('a member of ServerRequest has no method');
});

test('every request of both directions has a response type', () => {
  const without = [...map.clientRequests, ...map.serverRequests].filter(
    ({ response }) => response === undefined,
  );
  expect(without).toEqual([]);
});

test('every line of the table of exceptions is needed and names a type', () => {
  for (const [method, response] of Object.entries(RESPONSE_EXCEPTIONS)) {
    expect(map.clientRequests.find((entry) => entry.method === method)).toMatchObject({ response });
  }
});
