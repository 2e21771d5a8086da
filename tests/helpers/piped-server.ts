/**
 * A server inside the test's own process: two PassThrough pipes, so that a test decides where every chunk begins
 * and ends and what the server reads. What is sent in one call is one chunk.
 */
import { PassThrough } from 'node:stream';
import { AsyncClient, type AttachOptions } from 'codex-async-client';
import { endWithFile } from './end-with-file.js';

/** A line of the client, parsed. */
export interface ReceivedMessage {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Options of the client, and how much the pipe to the server holds unread. */
export interface PipedOptions extends AttachOptions {
  readonly pipeBytes?: number;
}

/** A scripted peer of one client. */
export class PipedServer {
  readonly client: AsyncClient;
  /** Everything the client sent, in order. */
  readonly received: ReceivedMessage[] = [];
  readonly #stdin: PassThrough;
  readonly #stdout = new PassThrough();
  #rest = '';
  readonly #waiters = new Set<() => void>();

  constructor(options: PipedOptions = {}) {
    const { pipeBytes, ...attachOptions } = options;
    this.#stdin = new PassThrough(
      pipeBytes === undefined ? {} : { readableHighWaterMark: pipeBytes, writableHighWaterMark: pipeBytes },
    );
    this.#stdin.on('data', (chunk: Buffer) => this.#take(chunk));
    this.client = AsyncClient.attach({ stdin: this.#stdin, stdout: this.#stdout }, attachOptions);
    endWithFile(() => this.end());
  }

  /** Writes messages as one chunk. */
  send(...messages: readonly object[]): void {
    this.sendText(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  }

  /** Writes one chunk. */
  sendText(text: string | Uint8Array): void {
    this.#stdout.write(text);
  }

  /** Reads nothing more from the client until {@link PipedServer.readAgain}. */
  stopReading(): void {
    this.#stdin.pause();
  }

  readAgain(): void {
    this.#stdin.resume();
  }

  /** Bytes that the client put into a pipe that nobody reads. */
  get unreadBytes(): number {
    return this.#stdin.readableLength + this.#stdin.writableLength;
  }

  /** The client's stdin breaks, as it does when the server closed it. */
  breakStdin(error: Error): void {
    this.#stdin.destroy(error);
  }

  /** The server is gone; what it wrote before can still be read. */
  end(): void {
    this.#stdout.end();
  }

  /** Settles when the client has sent a message that fits. */
  async receivedWhere(matches: (message: ReceivedMessage) => boolean): Promise<ReceivedMessage> {
    for (;;) {
      const found = this.received.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  /** Settles when the client has sent this many requests. */
  async receivedRequests(count: number): Promise<readonly ReceivedMessage[]> {
    const requests = () => this.received.filter(({ id, method }) => id !== undefined && method !== undefined);
    while (requests().length < count) await new Promise<void>((resolve) => this.#waiters.add(resolve));
    return requests();
  }

  /** Settles when the client has read every chunk, or reads no more. */
  async quiet(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 3; ) {
      await turn();
      const isQuiet = this.#stdout.readableLength + this.#stdout.writableLength === 0;
      quietTurns = isQuiet || this.client.stats().paused.now ? quietTurns + 1 : 0;
    }
  }

  #take(chunk: Buffer): void {
    const lines = `${this.#rest}${chunk.toString()}`.split('\n');
    this.#rest = lines.pop() ?? '';
    // The edge of the wire: what the client writes is JSON-RPC.
    for (const line of lines) this.received.push(JSON.parse(line) as ReceivedMessage);
    for (const resolve of [...this.#waiters]) resolve();
    this.#waiters.clear();
  }
}

/** A server whose client has done the handshake: `initialize` and `initialized` are the first two it received. */
export async function readyServer(options: PipedOptions = {}): Promise<PipedServer> {
  const server = new PipedServer(options);
  const answered = server.client.initialize();
  const { id } = await server.receivedWhere(({ method }) => method === 'initialize');
  server.send({ id, result: HANDSHAKE_ANSWER });
  await answered;
  return server;
}

/** What a server of today answers to `initialize`. */
const HANDSHAKE_ANSWER = {
  userAgent: 'piped/0.169.0 (test)',
  codexHome: '/codex-home',
  platformFamily: 'unix',
  platformOs: 'linux',
};

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Some microtasks, for jitter. */
export async function microtasks(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await Promise.resolve();
}

/** How a promise stands after everything that is under way has settled: its value, its error, or `pending`. */
export async function outcomeOf<T>(promise: Promise<T>): Promise<T | unknown> {
  const pending = Symbol('pending');
  const settled = await Promise.race([
    promise.catch((error: unknown) => error),
    (async () => {
      for (let turns = 0; turns < 5; turns += 1) await turn();
      return pending;
    })(),
  ]);
  return settled === pending ? 'pending' : settled;
}
