/**
 * Checks what was given to `attach` and turns it into the streams the rooms work with. It looks at the methods that
 * are needed and not at classes, since streams also come from other copies of Node's stream library. Changes nothing
 * of a child that it refuses.
 */
import type { Readable, Writable } from 'node:stream';
import { rejectArgument } from '../../support/argument-checks.js';
import type { AttachableChild } from './attachable-child.js';

/** The parts of a checked child. */
export interface AttachedStreams {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable | undefined;
}

/**
 * The child's streams.
 *
 * @throws InvalidArgumentError when `child` is no child, or one of its members has the wrong type.
 */
export function checkAttachableChild(child: AttachableChild): AttachedStreams {
  if (typeof child !== 'object' || child === null)
    rejectArgument('child', child, 'a child process or an object with stdin and stdout');
  const { stdin, stdout, stderr, pid, exit, kill } = child;
  if (!isWritable(stdin))
    rejectArgument('child.stdin', stdin, "a writable stream (spawn with stdio: 'pipe')");
  if (!isReadable(stdout))
    rejectArgument('child.stdout', stdout, "a readable stream (spawn with stdio: 'pipe')");
  // Streams of other copies of Node's stream library may not tell.
  if (typeof stdout.readableEncoding === 'string')
    rejectArgument('child.stdout', stdout, 'a stream of bytes, without setEncoding()');
  if (pid !== undefined && !(Number.isInteger(pid) && pid > 0))
    rejectArgument('child.pid', pid, 'a process id');
  if (exit !== undefined && !hasMethods(exit, ['then']))
    rejectArgument('child.exit', exit, 'a promise of { exitCode, signal }');
  if (kill !== undefined && typeof kill !== 'function') rejectArgument('child.kill', kill, 'a function');
  if (stderr === null || stderr === undefined) return { stdin, stdout, stderr: undefined };
  if (!isReadable(stderr)) rejectArgument('child.stderr', stderr, 'a readable stream');
  return { stdin, stdout, stderr };
}

function isReadable(value: unknown): value is Readable {
  return hasMethods(value, ['read', 'on', 'once', 'off', 'pause', 'resume', 'destroy']);
}

function isWritable(value: unknown): value is Writable {
  return hasMethods(value, ['write', 'end', 'on', 'once', 'off', 'destroy']);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}
