/**
 * When a server may be started anew: at once after a long life, later and later when it keeps ending, and not at all once
 * that has happened too often within the window. Owns the times of the restarts in the window.
 */
import { FIRST_RESTART_BACKOFF_MS, MAX_RESTART_DELAY_MS } from '../support/defaults.js';

/** How often a server is started anew, defaults filled in. */
export interface RestartLimits {
  readonly maxRestarts: number;
  readonly withinMs: number;
  readonly firstDelayMs: number;
}

/** The restarts of the last `withinMs`. */
export class RestartWindow {
  readonly limits: RestartLimits;
  #times: number[] = [];

  constructor(limits: RestartLimits) {
    this.limits = limits;
  }

  /** How long to wait before the restart that is due, in milliseconds; undefined when there were too many. */
  next(nowMs: number): number | undefined {
    const { maxRestarts, withinMs, firstDelayMs } = this.limits;
    this.#times = this.#times.filter((time) => time > nowMs - withinMs);
    const count = this.#times.length;
    if (count >= maxRestarts) return undefined;
    const backoffMs = count === 0 ? 0 : FIRST_RESTART_BACKOFF_MS * 2 ** (count - 1);
    const delayMs = Math.max(firstDelayMs, Math.min(backoffMs, MAX_RESTART_DELAY_MS));
    this.#times.push(nowMs + delayMs);
    return delayMs;
  }
}
