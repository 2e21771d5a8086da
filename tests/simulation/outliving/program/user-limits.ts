/** The options of a supervisor and its clients, drawn so that each is met. */
import type { AttachOptions } from 'codex-async-client';
import type { Random } from '../../world/random.js';

/** What a point is made of, besides its steps. */
export interface UserLimits {
  readonly options: AttachOptions;
  readonly restart: {
    readonly maxRestarts: number;
    readonly withinMs: number;
    readonly firstDelayMs: number;
  };
  readonly healthCheck: { readonly everyMs: number; readonly timeoutMs: number } | undefined;
  readonly listens: boolean;
  readonly pipeBytes: number;
}

/** The shortest time limit of a request is longer than any wait of the small codex that lives. */
const REQUEST_TIMEOUT_MS = 60_000;

export function anyUserLimits(random: Random): UserLimits {
  const listens = random.chance(0.5);
  const isFew = random.chance(0.15);
  return {
    options: {
      clientInfo: { name: 'simulated', version: '0.0.0' },
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      shutdownGraceMs: 5,
      maxInFlightRequests: random.pick([2, 64] as const),
      buffer: {
        highWaterMark: random.pick([2, 20, 1_024] as const),
        neverPauses: listens || random.chance(0.2),
      },
    },
    restart: {
      maxRestarts: isFew ? random.between(0, 2) : Number.POSITIVE_INFINITY,
      withinMs: 60_000,
      firstDelayMs: random.pick([0, 0, 500] as const),
    },
    healthCheck: random.chance(0.3) ? { everyMs: 10_000, timeoutMs: 30_000 } : undefined,
    listens,
    pipeBytes: random.pick([64, 16_384] as const),
  };
}
