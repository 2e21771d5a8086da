/** What counts as a child that can be attached: its streams and its members, looked at before anything is done. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { AttachableChild } from '../../../src/app-server/lifetime/attachable-child.js';
import { checkAttachableChild } from '../../../src/app-server/lifetime/attached-streams.js';
import { InvalidArgumentError } from '../../../src/support/errors.js';

/** Methods that a stream of another library has. */
const methods = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, () => {}]));

describe('the streams of a child', () => {
  it('are given back as they are; a missing stderr is undefined', () => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    expect(checkAttachableChild({ stdin, stdout, stderr })).toEqual({ stdin, stdout, stderr });
    expect(checkAttachableChild({ stdin, stdout, pid: 1, kill: () => true })).toMatchObject({
      stdin,
      stdout,
    });
    for (const missing of [null, undefined])
      expect(checkAttachableChild({ stdin, stdout, stderr: missing }).stderr).toBeUndefined();
  });

  it.each([
    ['tells that it has no encoding', { readableEncoding: null }],
    ['does not tell', {}],
  ])('may be of another copy of the stream library, which %s: their methods count', (_, encoding) => {
    const stdin = {
      ...methods('write', 'end', 'on', 'once', 'off', 'destroy'),
      ...{ writable: true, writableEnded: false, destroyed: false },
    };
    const stdout = {
      ...methods('read', 'on', 'once', 'off', 'pause', 'resume', 'destroy'),
      ...{ readable: true, readableEnded: false, destroyed: false, ...encoding },
    };
    expect(checkAttachableChild({ stdin, stdout }).stdin).toBe(stdin);
    expect(checkAttachableChild({ stdin, stdout }).stdout).toBe(stdout);
  });

  const WRITABLE = ['write', 'end', 'on', 'once', 'off', 'destroy'];
  const READABLE = ['read', 'on', 'once', 'off', 'pause', 'resume', 'destroy'];
  const without = (names: readonly string[], missing: string) =>
    methods(...names.filter((name) => name !== missing));
  it.each<[string, string, object]>([
    ...WRITABLE.map((name): [string, string, object] => ['stdin', name, without(WRITABLE, name)]),
    ...READABLE.map((name): [string, string, object] => ['stdout', name, without(READABLE, name)]),
    ...READABLE.map((name): [string, string, object] => ['stderr', name, without(READABLE, name)]),
  ])('L20 are refused when %s has no method %s', (member, _, stream) => {
    const child: object = { stdin: new PassThrough(), stdout: new PassThrough(), [member]: stream };
    expect(() => checkAttachableChild(child as AttachableChild)).toThrow(`child.${member}: expected a `);
  });

  const decoded = new PassThrough();
  decoded.setEncoding('utf8');
  const streams = () => ({ stdin: new PassThrough(), stdout: new PassThrough() });
  it.each<[string, unknown, string]>([
    [
      'nothing',
      undefined,
      'child: expected a child process or an object with stdin and stdout, got undefined',
    ],
    ['null', null, 'child: expected a child process or an object with stdin and stdout, got null'],
    ['a number', 5, 'child: expected a child process or an object with stdin and stdout, got 5'],
    [
      'a text as stdin',
      { stdin: 'in', stdout: new PassThrough() },
      'child.stdin: expected a writable stream (spawn with stdio: \'pipe\'), got "in"',
    ],
    [
      'a text as stdout',
      { stdin: new PassThrough(), stdout: 'out' },
      'child.stdout: expected a readable stream (spawn with stdio: \'pipe\'), got "out"',
    ],
    [
      'a pid that is no whole number',
      { ...streams(), pid: 1.5 },
      'child.pid: expected a process id, got 1.5',
    ],
    ['a pid that is a text', { ...streams(), pid: '1' }, 'child.pid: expected a process id, got "1"'],
    ['no stdin', { stdout: new PassThrough() }, 'child.stdin: expected a writable stream'],
    [
      'a stdout that is not piped',
      { stdin: new PassThrough(), stdout: null },
      'child.stdout: expected a readable stream',
    ],
    [
      'a decoded stdout',
      { stdin: new PassThrough(), stdout: decoded },
      'child.stdout: expected a stream of bytes, without setEncoding(), got',
    ],
    [
      'a wrong stderr',
      { ...streams(), stderr: 'log' },
      'child.stderr: expected a readable stream, got "log"',
    ],
    ['a wrong pid', { ...streams(), pid: 0 }, 'child.pid: expected a process id, got 0'],
    [
      'a wrong exit',
      { ...streams(), exit: { exitCode: 0 } },
      'child.exit: expected a promise of { exitCode, signal }, got an object with keys [exitCode]',
    ],
    ['a wrong kill', { ...streams(), kill: true }, 'child.kill: expected a function, got true'],
  ])('L20 refuses %s', (_, child, message) => {
    const check = () => checkAttachableChild(child as AttachableChild);
    expect(check).toThrow(InvalidArgumentError);
    expect(check).toThrow(message);
  });
});
