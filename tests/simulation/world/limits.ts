/** The options of a client, drawn so that every limit is met: room for few messages, or for many. */
import type { AttachOptions } from 'codex-async-client';
import type { Stubbornness } from '../server/simulated-child.js';
import type { Random } from './random.js';

/** What a point is made of, besides its steps. */
export interface Limits {
  readonly options: AttachOptions & {
    readonly buffer: {
      readonly highWaterMark: number;
      readonly maxBytes: number;
      readonly neverPauses: boolean;
    };
  };
  readonly requestTimeoutMs: number;
  readonly maxInFlightRequests: number;
  readonly shutdownGraceMs: number;
  readonly pipeBytes: number;
  readonly stubbornness: Stubbornness;
  /** Runs are read by their results, texts and snapshots, too, and not by loops alone. */
  readonly drivesRuns: boolean;
  /** Tool calls are answered beforehand, for the client. */
  readonly hasStandingAnswer: boolean;
  /** Runs go through the server's own queue, too. */
  readonly usesQueue: boolean;
  /** Threads are given goals, too. */
  readonly usesGoals: boolean;
  /** Loops over tool calls are opened, and turns call tools often. */
  readonly usesTools: boolean;
}

/** A time limit that requests meet. */
export const SHORT_REQUEST_TIMEOUT_MS = 700;

/** What answers a tool call beforehand, by who set it. */
export const STANDING = { client: saying('client'), thread: saying('thread'), run: saying('run') } as const;

/** The method that has standing answers. */
export const STANDING_METHOD = 'item/tool/call';

function saying(text: string) {
  return { success: true, contentItems: [{ type: 'inputText' as const, text }] };
}

const STUBBORNNESS = {
  'exits at the end of stdin': 12,
  'exits at SIGTERM': 2,
  'exits at SIGKILL': 1,
  'never exits': 1,
};

export function anyLimits(random: Random): Limits {
  const requestTimeoutMs = random.pick([0, SHORT_REQUEST_TIMEOUT_MS, 60_000, 60_000, 60_000] as const);
  const maxInFlightRequests = random.pick([1, 2, 4, 64] as const);
  const shutdownGraceMs = random.pick([5, 2_000] as const);
  const hasStandingAnswer = random.chance(0.2);
  const buffer = {
    highWaterMark: random.pick([1, 2, 5, 20, 1_024] as const),
    maxBytes: random.pick([700, 3_000, 1_000_000, 1_000_000] as const),
    neverPauses: random.chance(0.12),
    ...(random.chance(0.1) ? { maxOutgoingBytes: random.pick([100, 600] as const) } : {}),
  };
  return {
    options: {
      clientInfo: { name: 'simulated', version: '0.0.0' },
      experimentalApi: true,
      buffer,
      maxInFlightRequests,
      shutdownGraceMs,
      requestTimeoutMs,
      ...(hasStandingAnswer ? { standingAnswers: { [STANDING_METHOD]: STANDING.client } } : {}),
    },
    requestTimeoutMs,
    maxInFlightRequests,
    shutdownGraceMs,
    pipeBytes: random.pick([64, 16_384, 16_384] as const),
    stubbornness: random.weighted(STUBBORNNESS),
    drivesRuns: random.chance(0.5),
    hasStandingAnswer,
    usesQueue: random.chance(0.25),
    usesGoals: random.chance(0.25),
    usesTools: random.chance(0.25),
  };
}
