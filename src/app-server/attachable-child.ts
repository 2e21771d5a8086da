/**
 * What `attach` accepts: types by structure alone, so that declarations need no Node.js types, and the check that
 * turns them into the streams the rooms work with.
 */
import { Readable, Writable } from 'node:stream';
import { rejectArgument } from '../argument-checks.js';

/** A readable byte stream of Node.js, such as a `ChildProcess`'s `stdout` or a `PassThrough`. */
export interface AttachableReadable {
  readonly readable: boolean;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
}

/** A writable byte stream of Node.js, such as a `ChildProcess`'s `stdin` or a `PassThrough`. */
export interface AttachableWritable {
  readonly writable: boolean;
  readonly writableEnded: boolean;
  readonly destroyed: boolean;
}

/**
 * A server somebody else started: a `ChildProcess`, an execa subprocess, or just its streams. Its streams must not be
 * read or written by others from then on.
 *
 * `kill` decides who owns it. With `kill` (a `ChildProcess` has one) `shutdown()` ends stdin and stops it; without,
 * `shutdown()` leaves it alive and its stdin open. Pass `{ stdin, stdout, stderr, pid }` of a `ChildProcess` to keep it alive.
 */
export interface AttachableChild {
  readonly stdin: AttachableWritable | null | undefined;
  readonly stdout: AttachableReadable | null | undefined;
  /** Read from now on for as long as it lasts; without it error messages have no stderr. */
  readonly stderr?: AttachableReadable | null | undefined;
  readonly pid?: number | undefined;
  /** Sends the signal to the process. */
  kill?(signal: 'SIGTERM' | 'SIGKILL'): unknown;
}

/** The parts of a checked child. */
export interface AttachedStreams {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable | undefined;
}

/**
 * The child's streams.
 *
 * @throws {@link InvalidArgumentError} when `child` is no child, or one of its members has the wrong type.
 */
export function checkAttachableChild(child: AttachableChild): AttachedStreams {
  if (typeof child !== 'object' || child === null)
    rejectArgument('child', child, 'a child process or an object with stdin and stdout');
  const { stdin, stdout, stderr, pid, kill } = child;
  if (!isWritable(stdin))
    rejectArgument('child.stdin', stdin, "a writable stream (spawn with stdio: 'pipe')");
  if (!isReadable(stdout))
    rejectArgument('child.stdout', stdout, "a readable stream (spawn with stdio: 'pipe')");
  if (stdout.readableEncoding !== null)
    rejectArgument('child.stdout', stdout, 'a stream of bytes, without setEncoding()');
  if (pid !== undefined && !(Number.isInteger(pid) && pid > 0))
    rejectArgument('child.pid', pid, 'a process id');
  if (kill !== undefined && typeof kill !== 'function') rejectArgument('child.kill', kill, 'a function');
  if (stderr === null || stderr === undefined) return { stdin, stdout, stderr: undefined };
  if (!isReadable(stderr)) rejectArgument('child.stderr', stderr, 'a readable stream');
  return { stdin, stdout, stderr };
}

/** By its methods, since streams also come from other copies of Node's stream library. */
function isReadable(value: unknown): value is Readable {
  return (
    value instanceof Readable ||
    hasMethods(value, ['read', 'on', 'once', 'off', 'pause', 'resume', 'destroy'])
  );
}

function isWritable(value: unknown): value is Writable {
  return value instanceof Writable || hasMethods(value, ['write', 'end', 'on', 'once', 'off', 'destroy']);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}
