/**
 * The room `connection` turns the address of a running server into what a session works with, and watches over the
 * connection until it is gone. It owns the connection, and a proxy that carries it; never the server, which goes on. This
 * file is an open connection, in the place of a process: its end has no exit code.
 */
import type { Readable, Writable } from 'node:stream';
import { Pulse, type PulseTimes } from '../../support/pulse.js';
import { ExitWatch, type ProcessExit } from '../lifetime/process-exit.js';
import type { ServerProcess } from '../lifetime/server-process.js';
import { StderrLog } from '../stderr/stderr-log.js';
import type { LineSocket, SocketEnd } from './line-socket.js';

/**
 * The longest params or result that is sent: codex reads messages of up to 64 MiB, in one frame or in several, and drops
 * the connection at a longer one. What stands around them, such as the method, is given a kilobyte.
 */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024 - 1024;
/** What the codes mean that a server, or a gateway before it, closes with; see RFC 6455. */
const CLOSE_CODES: Readonly<Record<number, string>> = {
  1001: 'it goes away',
  1002: 'it takes something for no WebSocket',
  1008: 'it does not allow something',
  1009: 'a message was too long for it',
  1011: 'it failed',
  1012: 'it restarts',
  1013: 'it is too busy; try later',
};
/** The code of an end without a closing word, which is how codex ends a connection. */
const NO_WORD = 1006;

/** What a {@link Connection} is made of. */
export interface ConnectionParts {
  readonly socket: LineSocket;
  /** Where the server is, for a sentence. */
  readonly place: string;
  /** The program that carries the connection; it ends with it. */
  readonly proxy: ServerProcess | undefined;
  /** How long the other end may take to end the connection, once we have. Milliseconds. */
  readonly graceMs: number;
  readonly pulse: PulseTimes;
}

/** A connection to a running server. */
export class Connection implements ServerProcess {
  readonly pid: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: StderrLog;
  readonly localFolder = undefined;
  readonly maxMessageBytes = MAX_MESSAGE_BYTES;
  readonly #parts: ConnectionParts;
  readonly #exit = new ExitWatch();
  #stopped: Promise<void> | undefined;
  #ending: string | undefined;

  constructor(parts: ConnectionParts) {
    const { socket, proxy } = parts;
    this.#parts = parts;
    this.pid = proxy?.pid;
    this.stdin = socket.stdin;
    this.stdout = socket.stdout;
    this.stderr = proxy?.stderr ?? this.#noStderr();
    const pulse = new Pulse(socket, parts.pulse);
    void pulse.lost.then(() => socket.terminate(new Error(unanswered(parts.pulse))));
    void socket.closed.then(async (end) => {
      pulse.end();
      this.#ending = endingOf(end, parts.place);
      if (proxy !== undefined) this.#ending += await proxyEnding(proxy);
      this.#exit.settle({ exitCode: null, signal: null });
    });
  }

  get exited(): Promise<ProcessExit> {
    return this.#exit.promise;
  }

  get hasExited(): boolean {
    return this.#exit.hasExited;
  }

  /** How the connection ended; undefined while it stands. */
  get ending(): string | undefined {
    return this.#ending;
  }

  /** Ends the connection, behind all that was written; when the other end does not follow within the grace, it is cut. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  release(): void {
    for (const stream of [this.stdin, this.stdout]) stream.destroy();
    this.#parts.proxy?.release();
  }

  async #stop(): Promise<void> {
    const { socket, graceMs } = this.#parts;
    socket.close();
    const cut = setTimeout(() => socket.terminate(), graceMs);
    await socket.closed;
    clearTimeout(cut);
    await this.exited;
  }

  /** A server that somebody else runs logs where we cannot read: there is nothing to be taken. */
  #noStderr(): StderrLog {
    const log = new StderrLog({ stream: undefined, exited: this.exited, owned: false });
    log.take();
    return log;
  }
}

function endingOf({ code, reason, error }: SocketEnd, place: string): string {
  const connection = `the connection to the codex app-server ${place}`;
  if (error !== undefined) return `${connection} broke: ${error.message}`;
  if (code === NO_WORD)
    return `${connection} ended without a word: the server went, or it dropped a client that did not read as fast as it writes`;
  const said = [`code ${code}`, CLOSE_CODES[code] ?? '', reason === '' ? '' : JSON.stringify(reason)];
  return `${connection} was closed by the other end (${said.filter((part) => part !== '').join(', ')})`;
}

/** Ends the proxy; one that failed by itself may be why the connection ended. */
async function proxyEnding(proxy: ServerProcess): Promise<string> {
  await proxy.stop();
  const { exitCode } = await proxy.exited;
  return exitCode === null || exitCode === 0 ? '' : `; the proxy exited with code ${exitCode}`;
}

function unanswered({ limitMs }: PulseTimes): string {
  return `a ping was not answered within ${limitMs} ms, so the other end is taken for gone`;
}
