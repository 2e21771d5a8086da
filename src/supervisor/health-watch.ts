/**
 * Finds a server dead that lives and does not answer: after a silence it is asked something cheap, and without any sign of
 * life it is given up. Owns the times; what is asked, and what giving up does, is the server's.
 */
import { markHandled } from '../support/deferred.js';
import { RequestTimeoutError } from '../support/errors.js';
import { Pulse } from '../support/pulse.js';

/** A server that is watched. */
export interface WatchedServer {
  /** Grows with whatever comes: any byte is a sign of life. */
  readonly bytesReceived: number;
  /** Nobody reads, so what it says stays in the pipe: it is not asked then, and not found dead. */
  readonly isPaused: boolean;
  /** Asks for a sign of life. How the promise settles is of no interest. */
  ask(): Promise<unknown>;
  /** It was found dead. */
  giveUp(cause: Error): void;
}

/** When a server is asked, and how long it may take. */
export interface HealthTimes {
  /** The silence after which it is asked, in milliseconds. */
  readonly everyMs: number;
  /** How long there may be no sign of life after that, in milliseconds. */
  readonly timeoutMs: number;
}

/** Watches one server, from now on to its end. Its timers keep no program alive. */
export class HealthWatch {
  readonly #pulse: Pulse;

  constructor(server: WatchedServer, times: HealthTimes) {
    const asked = {
      get bytesRead() {
        return server.bytesReceived;
      },
      get isPaused() {
        return server.isPaused;
      },
      ping: () => markHandled(server.ask()),
    };
    const { everyMs: intervalMs, timeoutMs: limitMs } = times;
    this.#pulse = new Pulse(asked, { intervalMs, limitMs, asksOnce: true });
    this.#pulse.lost.then(() => server.giveUp(noSignOfLife(times)));
  }

  /** Watches no more. */
  end(): void {
    this.#pulse.end();
  }
}

function noSignOfLife({ everyMs, timeoutMs }: HealthTimes): RequestTimeoutError {
  const message = `it was silent for ${everyMs} ms (healthCheck.everyMs), was asked, and gave no sign of life within ${timeoutMs} ms (healthCheck.timeoutMs)`;
  return new RequestTimeoutError(message, { method: 'healthCheck', timeoutMs });
}
