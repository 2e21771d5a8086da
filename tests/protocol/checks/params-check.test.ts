/** Keys of params that the protocol does not have. */
import { describe, expect, test } from 'vitest';
import { checkExperimental, checkParamsKeys } from '../../../src/protocol/checks/params-check.js';
import { PROTOCOL_VERSION } from '../../../src/protocol/generated.js';

const refusal = (params: unknown, options = {}, method = 'thread/start') => {
  try {
    checkParamsKeys(method, params, PROTOCOL_VERSION, options);
  } catch (error) {
    return error;
  }
  return undefined;
};

test('L20 a key that is misspelt is refused with the one that was meant', () => {
  expect(refusal({ approvalPolcy: 'never' })).toMatchObject({
    argument: 'params.approvalPolcy',
    message: 'params.approvalPolcy: unknown name; did you mean "approvalPolicy"?',
  });
});

test('L20 a key that is like no other is refused with all that there are', () => {
  expect(refusal({ zebra: 1 }, {}, 'turn/interrupt')).toMatchObject({
    message: 'params.zebra: unknown name; known names: threadId, turnId',
  });
  expect(refusal({ zebra: 1 }, {}, 'memory/reset')).toMatchObject({
    message: 'params.zebra: unknown name; it takes none',
  });
});

test('L20 the message calls the params as the caller does, and knows the keys of the helper', () => {
  expect(refusal({ outputSchem: {} }, { argument: 'params.turn' }, 'turn/start')).toMatchObject({
    argument: 'params.turn.outputSchem',
  });
  expect(refusal({ inputs: '' }, { more: ['input'] }, 'command/exec')).toMatchObject({
    message: 'params.inputs: unknown name; did you mean "input"?',
  });
  expect(refusal({ input: '' }, { more: ['input'] }, 'command/exec')).toBeUndefined();
});

describe('what passes', () => {
  test.each<[string, unknown, string?]>([
    ['every key of the protocol', { model: 'm', cwd: null, dynamicTools: [] }],
    ['none', {}],
    ['no params', undefined],
    ['null', null],
    ['what is no plain object', new Map([['a', 1]])],
    ['what makes its own JSON', { secret: 1, toJSON: () => ({}) }],
    ['a method that the types do not know', { zebra: 1 }, 'future/method'],
  ])('%s', (_what, params, method) => {
    expect(refusal(params, {}, method)).toBeUndefined();
  });

  test.each([[undefined], ['0.170.0'], ['0.0.0']])('L20 anything, for a server of version %s', (server) => {
    expect(() => checkParamsKeys('thread/start', { zebra: 1 }, server)).not.toThrow();
  });
});

describe('L20 tools of a client without the experimental API', () => {
  const tools = { dynamicTools: [] };

  test('are refused, and it is said how to ask for it', () => {
    const check = () =>
      checkExperimental('thread/start', tools, PROTOCOL_VERSION, { argument: 'params.thread' });
    expect(check).toThrow('params.thread.dynamicTools: expected a client with the experimental API');
    expect(check).toThrow('start it with experimentalApi: true');
    const named = { givenAs: { dynamicTools: 'tools' } };
    expect(() => checkExperimental('thread/start', tools, PROTOCOL_VERSION, named)).toThrow('params.tools: ');
  });

  test.each<[string, string, unknown, string | undefined]>([
    ['none', 'thread/start', {}, PROTOCOL_VERSION],
    ['null for them', 'thread/start', { dynamicTools: null }, PROTOCOL_VERSION],
    ['params of another method', 'thread/resume', tools, PROTOCOL_VERSION],
    ['params that are no object', 'thread/start', [tools], PROTOCOL_VERSION],
    ['a server of another version, which may take them', 'thread/start', tools, '99.0.0'],
    ['a server that is not known yet', 'thread/start', tools, undefined],
  ])('are none where there is %s', (_, method, params, server) => {
    expect(() => checkExperimental(method, params, server)).not.toThrow();
  });
});
