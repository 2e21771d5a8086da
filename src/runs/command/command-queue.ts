/**
 * One reader's share of a command's output, in order: first the chunks that `result()` has read and kept, then the
 * messages that wait in its stream.
 */
import { Buffer } from 'node:buffer';
import type { CommandExecOutputStream } from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import { BackpressureError } from '../../support/errors.js';

/** A piece of a command's output. */
export interface CommandOutputChunk {
  /** Which output it is of. */
  readonly stream: CommandExecOutputStream;
  /** The bytes as the server sent them; in Node.js a `Buffer`. */
  readonly chunk: Uint8Array;
  /** It is the last of its stream, because `outputBytesCap` cut the rest. */
  readonly capReached: boolean;
}

/** Rejects the read of a `keepReading()` that a loop takes over from; never leaves this file. */
const TAKEN_OVER = new Error();

/** What was read into memory of a stream that somebody reads by itself from now on. */
interface HandOver {
  readonly kept: readonly CommandOutputChunk[];
  /** What is missing of it. */
  readonly cut: BackpressureError | undefined;
  /** A message is on its way into memory: what comes of it, before all that the stream holds. */
  readonly onItsWay: Promise<HandOver> | undefined;
}

/** Chunks in order, for one reader. @internal */
export class CommandQueue {
  readonly stream: OpenStream;
  #kept: CommandOutputChunk[];
  /** The index of the next kept chunk. */
  #position = 0;
  /** What `keepReading()` was told of a cut: what is kept is not everything. */
  #cut: BackpressureError | undefined;
  /** What is missing of the kept chunks: told once, behind them. */
  #untold: BackpressureError | undefined;
  #onItsWay: Promise<HandOver> | undefined;
  /** The read of `keepReading()`. */
  #reading: Promise<ServerMessage | undefined> | undefined;
  #isTakenOver = false;

  /** @param before - what comes before the stream's messages */
  constructor(stream: OpenStream, before?: HandOver) {
    this.stream = stream;
    this.#kept = [...(before?.kept ?? [])];
    this.#untold = before?.cut;
    this.#onItsWay = before?.onItsWay;
  }

  /** The kept chunks that nobody has taken. */
  get kept(): readonly CommandOutputChunk[] {
    return this.#kept.slice(this.#position);
  }

  /** The next chunk; `undefined` after the end. Rejects as {@link OpenStream.take} does. */
  async take(): Promise<CommandOutputChunk | undefined> {
    if (this.#onItsWay !== undefined) await this.#waitForWhatIsOnItsWay(this.#onItsWay);
    const kept = this.#kept[this.#position];
    if (kept !== undefined) {
      this.#position += 1;
      return kept;
    }
    const untold = this.#untold;
    this.#untold = undefined;
    if (untold !== undefined) throw untold;
    const message = await this.stream.take(undefined, this);
    return message === undefined ? undefined : chunkOf(message);
  }

  /** What was missed while it was read into memory; undefined when all of it is kept. */
  get cut(): BackpressureError | undefined {
    return this.#cut;
  }

  /** Reads into memory until the end, over every cut. Rejects as {@link OpenStream.take} does, or when a loop takes over. */
  async keepReading(): Promise<void> {
    this.#isTakenOver = false;
    while (!this.#isTakenOver) {
      this.#reading = this.stream.take(undefined, TAKEN_OVER);
      try {
        const message = await this.#reading;
        if (message === undefined) return;
        this.#kept.push(chunkOf(message));
      } catch (error) {
        if (!(error instanceof BackpressureError) || error.missed === 0) throw error;
        this.#cut = outputWasCut(error.missed + (this.#cut?.missed ?? 0), error);
      } finally {
        this.#reading = undefined;
      }
    }
  }

  /** Ends `keepReading()`: at once when it waits, else behind the message that is on its way. */
  takeOver(): void {
    this.#isTakenOver = true;
    this.stream.rejectReader(TAKEN_OVER, TAKEN_OVER);
  }

  /** Whoever takes from now on is told what `keepReading()` missed. */
  tellCut(): void {
    this.#untold = this.#cut;
  }

  /** Takes out what is kept of one stream, for whoever reads that by itself. */
  handOver(stream: CommandExecOutputStream): HandOver {
    const { kept } = this;
    this.#kept = kept.filter((chunk) => chunk.stream !== stream);
    this.#position = 0;
    const isOnItsWay = this.#reading !== undefined && !this.stream.isAwaited;
    const rest = () => this.handOver(stream);
    return {
      kept: kept.filter((chunk) => chunk.stream === stream),
      cut: this.#cut,
      onItsWay: isOnItsWay ? this.#reading?.then(rest, rest) : undefined,
    };
  }

  /** Drops what is unread and what will come; reading ends. */
  discard(): void {
    this.#kept = [];
    this.#onItsWay = undefined;
    this.#untold = undefined;
    this.#cut = undefined;
    this.stream.leave();
  }

  async #waitForWhatIsOnItsWay(onItsWay: Promise<HandOver>): Promise<void> {
    const { kept, cut } = await onItsWay;
    this.#onItsWay = undefined;
    this.#kept.push(...kept);
    this.#untold ??= cut;
  }
}

function outputWasCut(missed: number, cause: BackpressureError): BackpressureError {
  const message =
    `${missed} pieces of the command's output were missed while result() read it, because unread messages filled buffer.maxBytes; ` +
    'raise buffer.maxBytes, or read stdout and stderr in a loop, which is told where';
  return new BackpressureError(message, { missed }, { cause });
}

function chunkOf(message: ServerMessage): CommandOutputChunk {
  // A command's streams take nothing else.
  const { params } = message as Extract<ServerMessage, { method: 'command/exec/outputDelta' }>;
  const { stream, deltaBase64, capReached } = params;
  return { stream, chunk: Buffer.from(deltaBase64, 'base64'), capReached };
}
