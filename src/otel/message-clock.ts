/**
 * When things happened. Owns that a time is the server's where it tells one, so that a reader who lags does not stretch
 * spans; what has no time of its own happened when the message before it did.
 */
import type { HrTime } from '@opentelemetry/api';

/** Reads times from messages, in milliseconds since the Unix epoch. */
export class MessageClock {
  #lastMs: number | undefined;

  /** When a message was sent: what it says itself, or else the time of the one before it, or now. */
  timeOf(message: { readonly emittedAtMs?: number }): number {
    const { emittedAtMs } = message;
    if (isTime(emittedAtMs)) this.#lastMs = emittedAtMs;
    return this.#lastMs ?? Date.now();
  }

  /** Now, by the program's clock, and not before the last message. */
  nowMs(): number {
    return Math.max(Date.now(), this.#lastMs ?? 0);
  }
}

/** A time that was told, or another one. */
export function toldTime(told: unknown, otherwise: number): number {
  return isTime(told) ? told : otherwise;
}

/**
 * A time as tracers take it. As a plain number a time before the process began would be read as one since then, and a server
 * may have begun earlier, or have a clock of its own.
 */
export function hrTimeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000_000)];
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
