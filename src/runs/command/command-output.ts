/**
 * Where the output of one command waits until it is read. At first one queue takes both streams in order; a stream that
 * somebody reads by itself gets a queue of its own and takes along what is unread. So every chunk reaches one reader,
 * and while the command runs, unread output stays in the session's streams, where it counts.
 */
import type { CommandExecOutputStream } from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { HeldOptions } from '../../session/streams/held-options.js';
import type { StreamClaim } from '../../session/streams/open-stream.js';
import { PRECEDENCE } from '../../session/streams/precedence.js';
import { textOfChunks } from './byte-stream.js';
import { type CommandOutputChunk, CommandQueue } from './command-queue.js';

const STREAMS: readonly CommandExecOutputStream[] = ['stdout', 'stderr'];

/** More output may come. */
const Open = 0;
/** What is unread can be read; what comes is dropped. */
const Stopped = 1;
/** Nothing comes any more. */
const Finished = 2;

/** The unread output of one command. */
export class CommandOutput {
  readonly #peer: Peer;
  readonly #processId: string;
  readonly #held: HeldOptions;
  readonly #both: CommandQueue;
  /** The streams that are read by themselves. */
  readonly #own = new Map<CommandExecOutputStream, CommandQueue>();
  #isIterated = false;
  #collecting: Promise<void> | undefined;
  #state = Open;
  #failure: unknown;

  constructor(peer: Peer, processId: string, { maxHeldBytes, coalesce }: HeldOptions) {
    this.#peer = peer;
    this.#processId = processId;
    this.#held = { maxHeldBytes, coalesce };
    this.#both = new CommandQueue(peer.open(this.#claimOf(STREAMS, PRECEDENCE.command)));
  }

  /** The next chunk of the streams that are not read by themselves. `undefined` at the end. */
  async take(): Promise<CommandOutputChunk | undefined> {
    if (!this.#isIterated) {
      this.#isIterated = true;
      this.#both.takeOver();
      await this.#collecting?.catch(() => {});
      this.#both.tellCut();
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

  /**
   * The text of a stream that nobody else reads.
   *
   * @throws BackpressureError when some of the output was missed
   */
  textOf(stream: CommandExecOutputStream): string {
    if (this.#isIterated || this.#own.has(stream)) return '';
    if (this.#both.cut !== undefined) throw this.#both.cut;
    const chunks = this.#both.kept.filter((kept) => kept.stream === stream);
    return textOfChunks(chunks.map((kept) => kept.chunk));
  }

  /** Drops one stream, what is unread and what will come. */
  discard(stream: CommandExecOutputStream): void {
    this.#ownQueue(stream).discard();
  }

  /** The readers have left: everything is dropped, now and later. */
  leave(): void {
    this.#advance(Stopped, undefined);
    for (const queue of this.#queues()) queue.discard();
  }

  /** Reading ends with an error once everything unread is handed out; what the command still writes is dropped. */
  fail(failure: unknown): void {
    this.#advance(Stopped, failure);
    for (const { stream } of this.#queues()) stream.stop(failure);
  }

  /** Nothing will come any more. What is unread stays readable, and slows nobody down. */
  end(failure?: unknown): void {
    this.#advance(Finished, failure);
    for (const { stream } of this.#queues()) stream.finish(failure);
  }

  /** The first end is the one that readers are told. */
  #advance(state: number, failure: unknown): void {
    if (this.#state === Open) this.#failure = failure;
    this.#state = Math.max(this.#state, state);
  }

  #queues(): CommandQueue[] {
    return [this.#both, ...this.#own.values()];
  }

  #claimOf(streams: readonly CommandExecOutputStream[], precedence: number): StreamClaim {
    return {
      ...this.#held,
      name: `commandRun(${JSON.stringify(this.#processId)}) ${streams.join(' and ')}`,
      keys: { resourceId: this.#processId },
      precedence,
      cutOffFails: true,
      takes: (message) => isOutputOf(message, streams),
    };
  }

  #ownQueue(stream: CommandExecOutputStream): CommandQueue {
    const known = this.#own.get(stream);
    if (known !== undefined) return known;
    const claim = this.#claimOf([stream], PRECEDENCE.commandOutput);
    const own = this.#peer.open(claim, { takesFrom: this.#both.stream });
    const queue = new CommandQueue(own, this.#both.handOver(stream));
    this.#own.set(stream, queue);
    if (this.#state >= Stopped) own.stop(this.#failure);
    if (this.#state >= Finished) own.finish();
    return queue;
  }
}

/** A piece that has no bytes goes where everything goes that nobody wants. */
function isOutputOf(message: ServerMessage, streams: readonly CommandExecOutputStream[]): boolean {
  if (message.method !== 'command/exec/outputDelta') return false;
  const { params } = message;
  return typeof params.deltaBase64 === 'string' && streams.includes(params.stream);
}
