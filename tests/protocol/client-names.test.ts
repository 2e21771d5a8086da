/** Which protocol methods the client has as methods of its own, and which names it keeps for itself. */
import { expect, test } from 'vitest';
import { isMock, TAKEN_NAMES, typedMethodName } from '../../src/protocol/client-names.js';
import { CLIENT_METHODS } from '../../src/protocol/generated.js';
import { PipedServer } from '../helpers/piped-server.js';

/** Every name that an object answers to, from itself up to what all objects have. */
function namesOf(target: object): string[] {
  const parent: object | null = Object.getPrototypeOf(target);
  return [...Object.getOwnPropertyNames(target), ...(parent === null ? [] : namesOf(parent))];
}

test('the names that are taken are those of the client’s own members, and `then`: add a new member to TAKEN_NAMES', () => {
  const typed = new Set(CLIENT_METHODS.map(typedMethodName));
  const own = namesOf(new PipedServer().client).filter((name) => !typed.has(name));
  expect([...TAKEN_NAMES].sort()).toEqual([...new Set([...own, 'then'])].sort());
});

test('a method has its name in camel case, unless a member of the client has it', () => {
  expect(typedMethodName('thread/start')).toBe('threadStart');
  expect(typedMethodName('thread/increment_elicitation')).toBe('threadIncrementElicitation');
  for (const method of ['thread/run', 'request', 'closed', 'then', 'constructor', 'to/string', 'peer'])
    expect(typedMethodName(method)).toBeUndefined();
});

test('methods for the server’s own tests have no method of the client', () => {
  expect(CLIENT_METHODS.filter(isMock)).toEqual(['mock/experimentalMethod']);
  expect(typedMethodName('mock/experimentalMethod')).toBeUndefined();
});
