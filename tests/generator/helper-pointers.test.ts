/** The helpers that hovers name exist, and so do the methods that name them. */
import { AsyncClient } from 'codex-async-client';
import { expect, test } from 'vitest';
import { HELPER_POINTERS } from '../../src/generator/helper-pointers.js';
import { CLIENT_METHODS } from '../../src/protocol/generated.js';
import { methodName } from '../../src/protocol/methods.js';

test('every method with a pointer is a method of the protocol', () => {
  const known: readonly string[] = CLIENT_METHODS;
  expect(Object.keys(HELPER_POINTERS).filter((method) => !known.includes(method))).toEqual([]);
});

test('every pointer names a helper of the client that is no method of the protocol', () => {
  const typed = new Set(CLIENT_METHODS.map(methodName));
  for (const [method, pointer] of Object.entries(HELPER_POINTERS)) {
    const names = [...pointer.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    const helpers = names.filter((name) => name in AsyncClient.prototype && !typed.has(name));
    expect([method, helpers.length + (pointer.includes(' a run ') ? 1 : 0)]).toEqual([method, 1]);
  }
});
