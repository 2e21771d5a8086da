/**
 * The room `lifetime` watches over a server process that runs, started here or by somebody else, until it is gone. This
 * file is that process as the session sees it: raw pipes, a drained stderr, an exit that always comes, and a stop that
 * always ends. Knows processes and bytes only: nobody here reads stdout or writes stdin.
 */
import type { Readable, Writable } from 'node:stream';
import { StderrLog } from '../stderr/stderr-log.js';
import type { ExitWatch, ProcessExit } from './process-exit.js';
import { stopProcess } from './stop-process.js';

/** A running server. */
export interface ServerProcess {
  /** `undefined` for attached streams without a `pid`. */
  readonly pid: number | undefined;
  /** The server's input. It has an `error` listener from the first moment, so a broken pipe cannot end the host. */
  readonly stdin: Writable;
  /**
   * The server's output, paused: attach a reader and resume it. While it has none, Node.js empties it at the exit.
   * It may then have no end (a grandchild can hold the pipe): read until it runs dry, and call {@link release}.
   */
  readonly stdout: Readable;
  readonly stderr: StderrLog;
  /** Settles when the process has exited, which can be before its output has been read; never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly hasExited: boolean;
  /** The folder that it was started in, when it is known to see the files that this process sees; otherwise undefined. */
  readonly localFolder: string | undefined;
  /** The longest params or result that it takes, in bytes of JSON; undefined for no limit. */
  readonly maxMessageBytes?: number | undefined;
  /** How a connection to it ended, in words; undefined for a process, whose exit says it. */
  readonly ending?: string | undefined;
  /**
   * Ends stdin, waits, SIGTERM, waits, SIGKILL, waits. Settles when the process has exited; at the latest after three
   * times the grace. A server started here gets the signals with its whole group, and after one it is the group that is
   * waited for. Repeated calls share one promise. An attached child without `kill` is left as it is.
   */
  stop(): Promise<void>;
  /** Closes our ends of the pipes of a server that was ours to stop: nothing of it keeps the host alive any more. */
  release(): void;
}

/** What a {@link ChildServer} is made of. */
export interface ChildParts {
  readonly pid: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable | null | undefined;
  readonly exit: ExitWatch;
  readonly graceMs: number;
  /** The folder that it was started in, when it is known to see the files that this process sees; otherwise undefined. */
  readonly localFolder: string | undefined;
  /** Absent: the process is somebody else's, and stays. */
  readonly kill: ((signal: 'SIGTERM' | 'SIGKILL') => void) | undefined;
  /** Whether something of the process is left for `kill` when it has exited itself. Absent: nothing. */
  readonly hasRemains?: (() => boolean) | undefined;
}

export class ChildServer implements ServerProcess {
  readonly pid: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: StderrLog;
  readonly localFolder: string | undefined;
  readonly #parts: ChildParts;
  #stopped: Promise<void> | undefined;

  constructor(parts: ChildParts) {
    this.#parts = parts;
    this.pid = parts.pid;
    this.localFolder = parts.localFolder;
    this.stdin = parts.stdin;
    this.stdout = parts.stdout;
    for (const stream of [parts.stdin, parts.stdout]) stream.on('error', ignoreError);
    this.stderr = new StderrLog({
      stream: parts.stderr,
      exited: parts.exit.promise,
      owned: parts.kill !== undefined,
    });
  }

  get exited(): Promise<ProcessExit> {
    return this.#parts.exit.promise;
  }

  get hasExited(): boolean {
    return this.#parts.exit.hasExited;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  release(): void {
    if (this.#parts.kill === undefined) return;
    for (const stream of [this.stdin, this.stdout, this.#parts.stderr]) stream?.destroy();
  }

  async #stop(): Promise<void> {
    const { stdin, exit, graceMs, kill, hasRemains } = this.#parts;
    if (kill !== undefined) await stopProcess({ stdin, exit, graceMs, kill, hasRemains });
  }
}

/** The session has listeners of its own; this one only keeps an error from ending the host when it has none. */
function ignoreError(): void {}
