/**
 * Where the output of one command waits until it is read. At first one queue takes both streams in order; a stream that
 * somebody reads by itself gets a queue of its own and takes along what is unread. So every chunk reaches one reader,
 * and while the command runs, unread output stays in the session's buffers, where it counts.
 */
import type { CommandExecOutputStream } from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/server-message.js';
import type { Session } from '../../session/session.js';
import type { RouteClaim } from '../../session/streams/router.js';
import { textOfChunks } from './byte-stream.js';
import { type CommandOutputChunk, CommandQueue } from './command-queue.js';

/** A command's own claim outranks every filter: who runs a command reads its output. */
const COMMAND_SPECIFICITY = 16;
/** Outranks the claim of the whole command. */
const STREAM_SPECIFICITY = COMMAND_SPECIFICITY + 1;

const STREAMS: readonly CommandExecOutputStream[] = ['stdout', 'stderr'];

/** The unread output of one command. */
export class CommandOutput {
  readonly #session: Session;
  readonly #processId: string;
  readonly #both: CommandQueue;
  /** The streams that are read by themselves. */
  readonly #own = new Map<CommandExecOutputStream, CommandQueue>();
  readonly #discarded = new Set<CommandExecOutputStream>();
  #isIterated = false;
  #collecting: Promise<void> | undefined;
  #end: { readonly failure: unknown } | undefined;
  /** The command is over: no queue takes anything any more. */
  #isOver = false;

  constructor(session: Session, processId: string) {
    this.#session = session;
    this.#processId = processId;
    this.#both = new CommandQueue(session.open({ ...this.#claimOf(STREAMS), takesUnread: false }));
  }

  /** The next chunk of the streams that are not read by themselves. `undefined` at the end. */
  take(): Promise<CommandOutputChunk | undefined> {
    if (!this.#isIterated) {
      this.#isIterated = true;
      this.#both.takeOver();
    }
    return this.#both.take();
  }

  /** The next chunk of one stream, which is read by itself from now on. `undefined` at the end. */
  async takeOf(stream: CommandExecOutputStream): Promise<Uint8Array | undefined> {
    return (await this.#ownQueue(stream).take())?.chunk;
  }

  /** Reads whatever nobody else reads, until the end, for {@link CommandOutput.textOf}. Never rejects. */
  async collect(): Promise<void> {
    if (this.#isIterated) return;
    this.#collecting ??= this.#both.keepReading().finally(() => {
      this.#collecting = undefined;
    });
    try {
      await this.#collecting;
    } catch {
      // A loop took over, or there was no room, and the next call goes on. How the command ended, its outcome tells.
    }
  }

  /** The text of a stream that nobody else reads. */
  textOf(stream: CommandExecOutputStream): string {
    if (this.#isIterated) return '';
    const chunks = this.#both.kept.filter((kept) => kept.stream === stream);
    return textOfChunks(chunks.map((kept) => kept.chunk));
  }

  /** Drops one stream, what is unread and what will come. */
  discard(stream: CommandExecOutputStream): void {
    this.#discarded.add(stream);
    this.#empty(this.#ownQueue(stream));
  }

  /** The readers have left: everything is dropped, now and later. */
  leave(): void {
    this.#discardNew();
    this.#end ??= { failure: undefined };
    for (const queue of this.#queues()) this.#empty(queue);
  }

  /** Reading ends with an error once everything unread is handed out; what the command still writes is dropped. */
  fail(failure: unknown): void {
    this.#discardNew();
    this.#setEnd(failure);
  }

  /** Nothing will come any more. What is unread stays readable, outside the session's buffers. */
  end(failure?: unknown): void {
    this.#isOver = true;
    this.#setEnd(failure);
    for (const { route } of this.#queues()) this.#session.router.seal(route);
  }

  #setEnd(failure: unknown): void {
    this.#end ??= { failure };
    for (const queue of this.#queues()) queue.end(this.#end.failure);
  }

  #discardNew(): void {
    for (const stream of STREAMS) this.#discarded.add(stream);
  }

  #queues(): CommandQueue[] {
    return [this.#both, ...this.#own.values()];
  }

  #empty(queue: CommandQueue): void {
    queue.clear();
    queue.route.buffer.end();
    this.#session.giveBack(queue.route);
  }

  #claimOf(streams: readonly CommandExecOutputStream[]): RouteClaim {
    return {
      matches: (message) => this.#isOurs(message, streams),
      specificity: streams === STREAMS ? COMMAND_SPECIFICITY : STREAM_SPECIFICITY,
      discards: () => streams.every((stream) => this.#discarded.has(stream)),
    };
  }

  #isOurs(message: ServerMessage, streams: readonly CommandExecOutputStream[]): boolean {
    if (message.method !== 'command/exec/outputDelta') return false;
    const { params } = message;
    // A piece that has no bytes goes where everything goes that nobody wants.
    if (params?.processId !== this.#processId || typeof params.deltaBase64 !== 'string') return false;
    return streams.includes(params.stream);
  }

  #ownQueue(stream: CommandExecOutputStream): CommandQueue {
    const known = this.#own.get(stream);
    if (known !== undefined) return known;
    const route = this.#session.open({ ...this.#claimOf([stream]), takesFrom: this.#both.route.buffer });
    const queue = new CommandQueue(route, this.#both.removeKept(stream));
    this.#own.set(stream, queue);
    if (this.#end !== undefined) queue.end(this.#end.failure);
    if (this.#isOver) this.#session.router.seal(route);
    return queue;
  }
}
