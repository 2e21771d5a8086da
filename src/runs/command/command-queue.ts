/**
 * One reader's share of a command's output, in order: first the chunks that are kept here, then the messages that wait
 * in its route. What is kept counts in the session's flow no more: it was read for `result()`, or it is what a command
 * that is over has left unread, which must not slow down others for as long as nobody reads it.
 */
import { Buffer } from 'node:buffer';
import type { CommandExecOutputStream } from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/server-message.js';
import type { Route } from '../../session/streams/router.js';

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
const TAKEN_OVER = new Error('taken over');

/** Chunks in order, for one reader. @internal */
export class CommandQueue {
  readonly route: Route;
  #kept: CommandOutputChunk[];
  /** The index of the next kept chunk. */
  #position = 0;
  #failure: { readonly error: unknown } | undefined;

  /** @param kept - what comes before the route's messages */
  constructor(route: Route, kept: readonly CommandOutputChunk[] = []) {
    this.route = route;
    this.#kept = [...kept];
  }

  /** The kept chunks that nobody has taken. */
  get kept(): readonly CommandOutputChunk[] {
    return this.#kept.slice(this.#position);
  }

  /** The next chunk; `undefined` after the end. Rejects as {@link MessageBuffer.take} does. */
  async take(): Promise<CommandOutputChunk | undefined> {
    for (;;) {
      const kept = this.#shiftKept();
      if (kept !== undefined) return kept;
      try {
        const message = await this.route.buffer.take();
        if (message !== undefined) return chunkOf(message);
      } catch (error) {
        if (!this.#hasKept) throw error;
      }
      // The rest may have been moved here while this read waited.
      if (this.#hasKept) continue;
      if (this.#failure !== undefined) throw this.#failure.error;
      return undefined;
    }
  }

  /** Reads into memory until the end. Rejects as {@link MessageBuffer.take} does, or when a loop takes over. */
  async keepReading(): Promise<void> {
    const { buffer } = this.route;
    for (
      let message = await buffer.take({}, this);
      message !== undefined;
      message = await buffer.take({}, this)
    )
      this.#kept.push(chunkOf(message));
  }

  /** Ends a waiting `keepReading()`. */
  takeOver(): void {
    this.route.buffer.rejectReader(TAKEN_OVER, this);
  }

  /** No chunk will come any more: the unread ones are kept here, and then reading ends, or fails. */
  end(failure: unknown): void {
    for (const held of this.route.buffer.claim(() => true)) this.#kept.push(chunkOf(held.message));
    if (failure !== undefined) this.#failure ??= { error: failure };
    this.route.buffer.end(failure);
  }

  /** Takes out the kept chunks of one stream. */
  removeKept(stream: CommandExecOutputStream): CommandOutputChunk[] {
    const kept = this.kept;
    this.#kept = kept.filter((chunk) => chunk.stream !== stream);
    this.#position = 0;
    return kept.filter((chunk) => chunk.stream === stream);
  }

  /** Drops the kept chunks. */
  clear(): void {
    this.#kept = [];
    this.#position = 0;
  }

  get #hasKept(): boolean {
    return this.#position < this.#kept.length;
  }

  #shiftKept(): CommandOutputChunk | undefined {
    const chunk = this.#kept[this.#position];
    if (chunk === undefined) return undefined;
    this.#position += 1;
    if (!this.#hasKept) this.clear();
    return chunk;
  }
}

function chunkOf(message: ServerMessage): CommandOutputChunk {
  // A command's routes take nothing else.
  const { params } = message as Extract<ServerMessage, { method: 'command/exec/outputDelta' }>;
  const { stream, deltaBase64, capReached } = params;
  return { stream, chunk: Buffer.from(deltaBase64, 'base64'), capReached };
}
