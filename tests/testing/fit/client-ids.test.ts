/** The ids that a client makes up: where they stand in the protocol, and that one stands for one. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ClientIds, ID_KINDS } from '../../../src/testing/fit/client-ids.js';

const protocol = readFileSync(new URL('../../../src/protocol/generated.ts', import.meta.url), 'utf8');

test.each(ID_KINDS)('the protocol has $members for $methods', ({ members, methods }) => {
  expect(protocol).toContain(`'${methods}`);
  for (const member of members) expect(protocol).toMatch(new RegExp(`\\b${member}\\??: string`));
});

test('an id of one kind says nothing of another', () => {
  const ids = new ClientIds();
  expect(ids.fit('fs/watch', 'watchId', 'a', 'b')).toEqual({ fits: true });
  expect(ids.fit('process/spawn', 'processHandle', 'a', 'c')).toEqual({ fits: true });
  expect(ids.translate('fs/changed', 'watchId', 'a')).toBe('b');
  expect(ids.translate('process/exited', 'processHandle', 'a')).toBe('c');
  expect(ids.translate('turn/started', 'watchId', 'a')).toBe('a');
});

test('a member that holds no id of the client is none of its matter', () => {
  expect(new ClientIds().fit('turn/start', 'threadId', 'a', 'b')).toBeUndefined();
  expect(new ClientIds().fit('', 'processId', 'a', 'b')).toBeUndefined();
});
