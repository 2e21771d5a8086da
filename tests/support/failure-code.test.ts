/** The name by which a failure of the system is known. */
import { expect, test } from 'vitest';
import { failureCode } from '../../src/support/failure-code.js';

test('a failure is known by its code', () => {
  expect(failureCode(Object.assign(new Error('it failed'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(failureCode({ code: 0 })).toBe('0');
});

test('a refusal of Deno is known by its class', () => {
  expect(failureCode(Object.assign(new Error('it failed'), { name: 'NotCapable' }))).toBe('NotCapable');
});

test.each([[new Error('it failed')], [undefined], [null], ['ENOENT'], [{}]])('%o has none', (error) => {
  expect(failureCode(error)).toBeUndefined();
});
