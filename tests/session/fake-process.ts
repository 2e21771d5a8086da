/** A session over a process that a test plays: what it writes, when it goes, and what it reads of us. */
import { PassThrough } from 'node:stream';
import type { ProcessExit } from '../../src/app-server/lifetime/process-exit.js';
import type { ServerProcess } from '../../src/app-server/lifetime/server-process.js';
import { StderrLog } from '../../src/app-server/stderr/stderr-log.js';
import { StandingAnswerTable } from '../../src/session/answers/standing-answers.js';
import { Peer } from '../../src/session/peer.js';
import { countingIds } from '../../src/session/requests/request-ids.js';
import { Session, type SessionSettings } from '../../src/session/session.js';
import { deferred } from '../../src/support/deferred.js';
import { numberOf } from '../helpers/messages.js';
import type { ReceivedMessage } from '../helpers/piped-server.js';
import { turn } from '../helpers/piped-server.js';

/** A process that goes when a test says so. */
class FakeProcess implements ServerProcess {
  readonly pid = 1;
  readonly localFolder = undefined;
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr: StderrLog;
  /** How often it was asked to go. */
  stops = 0;
  isReleased = false;
  /** How a connection ended; a test sets it. */
  ending: string | undefined;
  maxMessageBytes: number | undefined;
  readonly #exit = deferred<ProcessExit>();
  readonly #letGo = deferred<void>();
  #hasExited = false;

  constructor() {
    for (const stream of [this.stdin, this.stdout]) stream.on('error', () => {});
    this.stdout.pause();
    this.stderr = new StderrLog({ stream: undefined, exited: this.exited, owned: true });
  }

  get exited(): Promise<ProcessExit> {
    return this.#exit.promise;
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  async stop(): Promise<void> {
    this.stops += 1;
    await Promise.race([this.exited, this.#letGo.promise]);
  }

  release(): void {
    this.isReleased = true;
  }

  /** It is gone. What it wrote can still be read, and a grandchild may hold its output open. */
  exit(exit: ProcessExit = { exitCode: 0, signal: null }): void {
    this.#hasExited = true;
    this.#exit.resolve(exit);
  }

  /** Nothing more is done to end it; it lives on. */
  letGo(): void {
    this.#letGo.resolve();
  }
}

/** A session, its process and its door. */
export function startSession(settings: Partial<SessionSettings> = {}, maxMessageBytes?: number) {
  const process = new FakeProcess();
  process.maxMessageBytes = maxMessageBytes;
  const session = new Session(process, {
    flow: { highWaterMark: 1_024, maxBytes: 1_000_000 },
    maxLineBytes: 1_000_000,
    maxOutgoingBytes: 1_000_000,
    maxInFlightRequests: 64,
    requestIds: countingIds(),
    standingAnswers: new StandingAnswerTable(undefined),
    ...settings,
  });
  const peer = new Peer(session, 0);
  /** Writes messages as one chunk. */
  const send = (...messages: readonly object[]) =>
    process.stdout.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  /** Everything the session wrote so far. */
  const received = (): ReceivedMessage[] => {
    const text = String(process.stdin.read() ?? '');
    const lines = text.split('\n').filter((line) => line !== '');
    // The edge of the wire: what the client writes is JSON-RPC.
    return lines.map((line) => JSON.parse(line) as ReceivedMessage);
  };
  return { process, session, peer, send, received };
}

/** Some turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await turn();
}

/** The numbers of everything that is unread on the main stream. */
export async function readMain({ streams }: ReturnType<typeof startSession>['session']) {
  const numbers = [];
  while (streams.main.unread > 0) numbers.push(numberOf(await streams.main.take()));
  return numbers;
}
