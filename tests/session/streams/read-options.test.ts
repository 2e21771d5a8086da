/** What a read takes: the members of a filter, a time limit, a signal; and how a bad one is named. */
import { InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { checkReadOptions, readTimeout } from '../../../src/session/streams/read-options.js';

describe('the options of a read', () => {
  test('may be all at once', () => {
    const filter = { kind: 'notification', methods: ['turn/completed'], threadId: 't', turnId: 'u' } as const;
    checkReadOptions({ ...filter, timeoutMs: 5, signal: new AbortController().signal });
    checkReadOptions({});
  });

  test.each<[object, string]>([
    [{ kind: 'response' }, 'options.kind'],
    [{ methods: [] }, 'options.methods'],
    [{ methods: 'turn/completed' }, 'options.methods'],
    [{ threadId: '' }, 'options.threadId'],
    [{ turnId: 5 }, 'options.turnId'],
    [{ timeoutMs: -1 }, 'options.timeoutMs'],
    [{ signal: {} }, 'options.signal'],
    [{ turnid: 'u' }, 'options.turnid'],
  ])('L20 are refused by their name: %j', (options, argument) => {
    const check = () => Reflect.apply(checkReadOptions, undefined, [options]);
    expect(check).toThrow(InvalidArgumentError);
    expect(check).toThrow(argument.startsWith('options.turnid') ? 'did you mean "turnId"' : argument);
  });
});

test('one that waited too long says what it waited for', () => {
  expect(readTimeout(5)).toMatchObject({ method: 'nextMessage', timeoutMs: 5 });
});
