/**
 * Whether the other end is still there. One that vanished without a word (a machine that went, a network that changed), or
 * that lives and does nothing any more, looks like one that is silent, so after a silence it is asked, and any byte is an
 * answer.
 */
import { deferred } from './deferred.js';

/** What can be asked for a sign of life. */
export interface Pingable {
  /** Grows with whatever comes. */
  readonly bytesRead: number;
  /** What it says is left unread by ourselves: its silence says nothing. @defaultValue false */
  readonly isPaused?: boolean;
  ping(): void;
}

/** When it is asked. */
export interface PulseTimes {
  /** The silence after which a ping is sent, and the pause before the next one while none is answered. Milliseconds; 0: never. */
  readonly intervalMs: number;
  /** How long the answer to the first may take. Milliseconds. */
  readonly limitMs: number;
  /** A silence is asked about once: who does not answer is not given more to answer. @defaultValue false */
  readonly asksOnce?: boolean;
}

/** Watches for signs of life. */
export class Pulse {
  readonly #socket: Pingable;
  readonly #times: PulseTimes;
  readonly #lost = deferred<void>();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(socket: Pingable, times: PulseTimes) {
    this.#socket = socket;
    this.#times = times;
    if (times.intervalMs > 0) this.#rest();
  }

  /** Settles when a ping was not answered in time; never rejects. */
  get lost(): Promise<void> {
    return this.#lost.promise;
  }

  /** Watches no more. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #rest(): void {
    const { bytesRead } = this.#socket;
    this.#after(this.#times.intervalMs, () => this.#askUnless(bytesRead));
  }

  #askUnless(bytesBefore: number): void {
    if (!this.#isSilentSince(bytesBefore)) {
      this.#rest();
      return;
    }
    this.#socket.ping();
    this.#await(bytesBefore, this.#times.limitMs);
  }

  /** Asks again and again: a proxy whose server has gone notices that with the next write, and with nothing else. */
  #askAgain(bytesBefore: number, leftMs: number): void {
    if (this.#times.asksOnce !== true) this.#socket.ping();
    this.#await(bytesBefore, leftMs);
  }

  #await(bytesBefore: number, leftMs: number): void {
    const pauseMs = Math.min(this.#times.intervalMs, leftMs);
    this.#after(pauseMs, () => {
      if (!this.#isSilentSince(bytesBefore)) this.#rest();
      else if (leftMs > pauseMs) this.#askAgain(bytesBefore, leftMs - pauseMs);
      // A program that was busy for so long has not read yet what came: a turn of the event loop reads it.
      else setImmediate(() => setImmediate(() => this.#judge(bytesBefore)));
    });
  }

  #judge(bytesBefore: number): void {
    if (this.#isOver) return;
    if (this.#isSilentSince(bytesBefore)) this.#lost.resolve();
    else this.#rest();
  }

  #isSilentSince(bytesBefore: number): boolean {
    return this.#socket.bytesRead === bytesBefore && this.#socket.isPaused !== true;
  }

  #after(delayMs: number, act: () => void): void {
    if (!this.#isOver) this.#timer = setTimeout(act, delayMs).unref();
  }
}
