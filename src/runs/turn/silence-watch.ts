/** Notices silence: asks a question when nothing happened for a while, and again after each further while. */
import { IDLE_STATUS_GRACE_MS } from '../../support/defaults.js';

/** Watches for silence. One timer, which is moved on rather than set anew for each message. */
export class SilenceWatch {
  readonly #idleTimeoutMs: number;
  readonly #ask: () => Promise<void>;
  #limitMs: number;
  #lastActivity = performance.now();
  /** The time was taken in this turn of the event loop: a chunk carries hundreds of messages. */
  #isNoted = false;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** @param ask - called after `idleTimeoutMs` without activity; it must not reject */
  constructor(idleTimeoutMs: number, ask: () => Promise<void>) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#limitMs = idleTimeoutMs;
    this.#ask = ask;
    this.#arm(idleTimeoutMs);
  }

  /** Something happened. */
  noteActivity(): void {
    this.#limitMs = this.#idleTimeoutMs;
    if (this.#isNoted) return;
    this.#isNoted = true;
    queueMicrotask(() => {
      this.#isNoted = false;
    });
    this.#lastActivity = performance.now();
  }

  /** The end should follow at once: a short silence is already one too many. */
  expectEnd(): void {
    this.#limitMs = Math.min(this.#idleTimeoutMs, IDLE_STATUS_GRACE_MS);
    this.#arm(this.#limitMs);
  }

  /** Asks no more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => this.#look(), delayMs);
  }

  async #look(): Promise<void> {
    const leftMs = this.#limitMs - (performance.now() - this.#lastActivity);
    if (leftMs > 0) {
      this.#arm(leftMs);
      return;
    }
    await this.#ask();
    this.noteActivity();
    this.#arm(this.#limitMs);
  }
}
