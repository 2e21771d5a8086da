// The names of the typed methods, and the table of methods that wait for outside work.

import { describe, expect, test } from 'vitest';
import { CLIENT_METHODS } from '../../src/protocol/generated.js';
import { ENDING_METHODS, LONG_RUNNING_METHODS, methodName } from '../../src/protocol/methods.js';

// What AsyncClient defines itself. `initialize` is the one that is both: the client's own, typed like the others.
const OWN_MEMBERS = [
  'start',
  'spawn',
  'attach',
  'initialize',
  'initialized',
  'shutdown',
  'pid',
  'isAlive',
  'state',
  'serverInfo',
  'closed',
  'takeStderr',
  'stats',
  'supports',
  'request',
  'notify',
  'respond',
  'respondError',
  'nextMessage',
  'events',
  'turnRun',
  'threadRun',
  'thread',
  'commandRun',
  'fileWatch',
  'login',
  'paginate',
  'signalOf',
  'setStandingAnswer',
  'constructor',
  'then',
  'toString',
];

describe('methodName', () => {
  test.each([
    ['thread/start', 'threadStart'],
    ['thread/increment_elicitation', 'threadIncrementElicitation'],
    ['account/rateLimits/read', 'accountRateLimitsRead'],
    ['config/mcpServer/reload', 'configMcpServerReload'],
    ['getAuthStatus', 'getAuthStatus'],
    ['initialize', 'initialize'],
  ])('%s is %s', (method, name) => expect(methodName(method)).toBe(name));

  test('gives every client method a name of its own', () => {
    expect(new Set(CLIENT_METHODS.map(methodName)).size).toBe(CLIENT_METHODS.length);
  });

  test('gives names that can be written after a dot', () => {
    expect(CLIENT_METHODS.map(methodName).filter((name) => !/^[a-z][A-Za-z0-9]*$/.test(name))).toEqual([]);
  });

  test('gives no method the name of a member that the client defines itself', () => {
    const names = CLIENT_METHODS.filter((method) => method !== 'initialize').map(methodName);
    expect(names.filter((name) => OWN_MEMBERS.includes(name))).toEqual([]);
  });
});

describe('ENDING_METHODS', () => {
  test('names methods of the protocol only, and none that waits for outside work', () => {
    const known = new Set<string>(CLIENT_METHODS);
    const wrong = [...ENDING_METHODS].filter((name) => !known.has(name) || LONG_RUNNING_METHODS.has(name));
    expect(wrong).toEqual([]);
  });
});

describe('LONG_RUNNING_METHODS', () => {
  test('names methods of the protocol only', () => {
    const known = new Set<string>(CLIENT_METHODS);
    expect([...LONG_RUNNING_METHODS].filter((method) => !known.has(method))).toEqual([]);
  });

  test('has command/exec, and none of the methods that only start work', () => {
    expect(LONG_RUNNING_METHODS).toContain('command/exec');
    for (const starter of ['turn/start', 'process/spawn', 'thread/shellCommand', 'thread/compact/start']) {
      expect(LONG_RUNNING_METHODS).not.toContain(starter);
    }
  });
});
