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
    for (const missing of [null, undefined])
      expect(checkAttachableChild({ stdin, stdout, stderr: missing }).stderr).toBeUndefined();
  });

  it('may be of another copy of the stream library: their methods count', () => {
    const stdin = {
      ...methods('write', 'end', 'on', 'once', 'off', 'destroy'),
      ...{ writable: true, writableEnded: false, destroyed: false },
    };
    const stdout = {
      ...methods('read', 'on', 'once', 'off', 'pause', 'resume', 'destroy'),
      ...{ readable: true, readableEnded: false, destroyed: false, readableEncoding: null },
    };
    expect(checkAttachableChild({ stdin, stdout }).stdin).toBe(stdin);
    expect(checkAttachableChild({ stdin, stdout }).stdout).toBe(stdout);
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
    ['no stdin', { stdout: new PassThrough() }, 'child.stdin: expected a writable stream'],
    [
      'a stdout that is not piped',
      { stdin: new PassThrough(), stdout: null },
      'child.stdout: expected a readable stream',
    ],
    [
      'a decoded stdout',
      { stdin: new PassThrough(), stdout: decoded },
      'child.stdout: expected a stream of bytes',
    ],
    [
      'a wrong stderr',
      { ...streams(), stderr: 'log' },
      'child.stderr: expected a readable stream, got "log"',
    ],
    ['a wrong pid', { ...streams(), pid: 0 }, 'child.pid: expected a process id, got 0'],
    ['a wrong kill', { ...streams(), kill: true }, 'child.kill: expected a function, got true'],
  ])('L20 refuses %s', (_, child, message) => {
    const check = () => checkAttachableChild(child as AttachableChild);
    expect(check).toThrow(InvalidArgumentError);
    expect(check).toThrow(message);
  });
});
