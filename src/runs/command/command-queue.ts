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

/** Chunks in order, for one reader. @internal */
export class CommandQueue {
  readonly stream: OpenStream;
  #kept: CommandOutputChunk[];
  /** The index of the next kept chunk. */
  #position = 0;
  /** What `keepReading()` was told of a cut: what is kept is not everything. */
  #cut: BackpressureError | undefined;
  /** What is not everything is handed out first, and then its reader is told, once. */
  #untold: BackpressureError | undefined;

  /**
   * @param kept - what comes before the stream's messages
   * @param cut - what is missing of it
   */
  constructor(stream: OpenStream, kept: readonly CommandOutputChunk[] = [], cut?: BackpressureError) {
    this.stream = stream;
    this.#kept = [...kept];
    this.#untold = cut;
  }

  /** The kept chunks that nobody has taken. */
  get kept(): readonly CommandOutputChunk[] {
    return this.#kept.slice(this.#position);
  }

  /** The next chunk; `undefined` after the end. Rejects as {@link OpenStream.take} does. */
  async take(): Promise<CommandOutputChunk | undefined> {
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
    for (;;) {
      const message = await this.#takePastCut();
      if (message === undefined) return;
      this.#kept.push(chunkOf(message));
    }
  }

  async #takePastCut(): Promise<ServerMessage | undefined> {
    for (;;) {
      try {
        return await this.stream.take(undefined, TAKEN_OVER);
      } catch (error) {
        if (!(error instanceof BackpressureError) || error.missed === 0) throw error;
        this.#cut = outputWasCut(error.missed + (this.#cut?.missed ?? 0), error);
      }
    }
  }

  /** Ends a waiting `keepReading()`; a loop is told what that missed. */
  takeOver(): void {
    this.#untold = this.#cut;
    this.stream.rejectReader(TAKEN_OVER, TAKEN_OVER);
  }

  /** Takes out the kept chunks of one stream. */
  removeKept(stream: CommandExecOutputStream): CommandOutputChunk[] {
    const kept = this.kept;
    this.#kept = kept.filter((chunk) => chunk.stream !== stream);
    this.#position = 0;
    return kept.filter((chunk) => chunk.stream === stream);
  }

  /** Drops what is unread and what will come; reading ends. */
  discard(): void {
    this.#kept = [];
    this.stream.leave();
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
