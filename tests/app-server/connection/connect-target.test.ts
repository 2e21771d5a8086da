/** Targets of a connection: which are taken, what refuses the others, and that no message shows a secret. */
import { InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import {
  type ConnectTarget,
  endpointOf,
  placeOf,
} from '../../../src/app-server/connection/connect-target.js';

const SECRET = 'hunter2-of-all-tokens';

/** What a program in JavaScript can give. */
function refusalOf(target: unknown): InvalidArgumentError {
  try {
    endpointOf(target as ConnectTarget);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a target', () => {
  test.each<[ConnectTarget, object]>([
    [
      { socketPath: '/run/codex.sock' },
      { kind: 'socket', socketPath: '/run/codex.sock', name: 'unix:///run/codex.sock' },
    ],
    [{ url: 'ws://127.0.0.1:4500' }, { kind: 'url', bearerToken: undefined, name: 'ws://127.0.0.1:4500/' }],
    [{ url: 'ws://10.1.2.3:4500' }, { kind: 'url', bearerToken: undefined, name: 'ws://10.1.2.3:4500/' }],
    [
      { url: `wss://gateway.example/codex?key=${SECRET}`, bearerToken: SECRET },
      { kind: 'url', bearerToken: SECRET, name: 'wss://gateway.example/codex' },
    ],
    [
      { proxy: ['ssh', 'host', 'codex', 'app-server', 'proxy'] },
      { kind: 'proxy', file: 'ssh', args: ['host', 'codex', 'app-server', 'proxy'], name: 'proxy "ssh"' },
    ],
    [{ proxy: ['my-proxy'] }, { kind: 'proxy', file: 'my-proxy', args: [] }],
    [
      { socketPath: 's', url: undefined, proxy: undefined, bearerToken: undefined } as never,
      { kind: 'socket' },
    ],
  ])('%j is taken', (target, endpoint) => {
    expect(endpointOf(target)).toMatchObject(endpoint);
  });

  test.each(['localhost', '127.0.0.1', '127.8.9.10', '[::1]'])(
    'may have a token in plain text on this machine: %s',
    (host) => {
      expect(endpointOf({ url: `ws://${host}:1`, bearerToken: SECRET })).toMatchObject({
        bearerToken: SECRET,
      });
    },
  );

  test('is where a sentence says it is', () => {
    expect(placeOf(endpointOf({ socketPath: '/s' }))).toBe('at unix:///s');
    expect(placeOf(endpointOf({ proxy: ['ssh', SECRET] }))).toBe('behind the proxy "ssh"');
  });
});

describe('L20 what is no target is refused', () => {
  test.each<[unknown, string, string]>([
    [undefined, 'target', 'exactly one of socketPath, url and proxy, got undefined'],
    ['/run/codex.sock', 'target', 'exactly one of socketPath, url and proxy, got "/run/codex.sock"'],
    [{}, 'target', 'exactly one'],
    [{ socketPath: '/s', url: 'ws://localhost' }, 'target', 'exactly one'],
    [{ socketpath: '/s' }, 'target.socketpath', 'did you mean "socketPath"?'],
    [{ socketPath: '' }, 'target.socketPath', 'expected a path, got ""'],
    [{ socketPath: 5 }, 'target.socketPath', 'expected a path, got 5'],
    [{ socketPath: 'a\0b' }, 'target.socketPath', 'expected a path'],
    [{ socketPath: 'unix:///run/s' }, 'target.socketPath', 'the path alone, without unix://'],
    [{ socketPath: `/${'x'.repeat(107)}` }, 'target.socketPath', 'a path of at most 107 bytes'],
    [{ socketPath: '/s', bearerToken: SECRET }, 'target.bearerToken', 'expected only beside url'],
    [{ url: 5 }, 'target.url', 'an address such as ws://127.0.0.1:4500'],
    [{ url: SECRET }, 'target.url', 'an address such as ws://127.0.0.1:4500'],
    [{ url: `http://localhost/${SECRET}` }, 'target.url', 'a ws:// or wss:// address, got one with http:'],
    [{ url: `ws://me:${SECRET}@localhost` }, 'target.url', 'no user and no password'],
    [{ url: `ws://${SECRET}@localhost` }, 'target.url', 'no user and no password'],
    [{ url: `ws://localhost#${SECRET}` }, 'target.url', 'no fragment'],
    [{ url: 'ws://localhost', bearerToken: '' }, 'target.bearerToken', 'visible ASCII characters'],
    [
      { url: 'ws://localhost', bearerToken: `Bearer ${SECRET}` },
      'target.bearerToken',
      'without the word "Bearer"',
    ],
    [{ url: 'ws://localhost', bearerToken: `${SECRET}\r\nX: y` }, 'target.bearerToken', 'visible ASCII'],
    [{ url: 'ws://localhost', bearerToken: [SECRET] }, 'target.bearerToken', 'a token'],
    [{ url: 'ws://10.1.2.3', bearerToken: SECRET }, 'target.bearerToken', 'go to 10.1.2.3 in plain text'],
    [{ url: 'ws://localhost.example', bearerToken: SECRET }, 'target.bearerToken', 'use wss://'],
    [{ url: 'ws://127.0.0.1.example', bearerToken: SECRET }, 'target.bearerToken', 'use wss://'],
    [{ proxy: 'ssh host' }, 'target.proxy', 'an array of strings'],
    [{ proxy: [1] }, 'target.proxy', 'an array of strings'],
    [{ proxy: ['a', 'b\0'] }, 'target.proxy', 'without NUL characters'],
    [{ proxy: [] }, 'target.proxy', 'its first entry the program to run'],
    [{ proxy: [''] }, 'target.proxy', 'its first entry the program to run'],
    [
      { proxy: ['ssh', 'h', 'codex', 'app-server'] },
      'target.proxy',
      'give it to AsyncClient.start as command',
    ],
  ])('%j', (target, argument, part) => {
    const { message, ...refusal } = refusalOf(target);
    expect(refusal).toMatchObject({ argument });
    expect(message).toContain(`${argument}: `);
    expect(message).toContain(part);
    expect(message).not.toContain(SECRET);
  });
});
