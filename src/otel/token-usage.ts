/**
 * Tokens, as attributes. Owns what counts as a model call: usage is told again at the start of a compaction and before an
 * error, so a call is what makes the total of the thread grow. Where the total before is not known, what is told first of a
 * turn in which the model has said nothing is in doubt until something follows: a call, or the error of the turn.
 */
import type { Attributes } from '@opentelemetry/api';
import type { ThreadTokenUsage, TokenUsageBreakdown } from '../protocol/generated.js';
import { GEN_AI } from './conventions.js';

/** Each kind of token with its attribute. */
const KINDS = [
  ['inputTokens', GEN_AI.inputTokens],
  ['outputTokens', GEN_AI.outputTokens],
  ['cachedInputTokens', GEN_AI.cacheReadTokens],
  ['cacheWriteInputTokens', GEN_AI.cacheWriteTokens],
  ['reasoningOutputTokens', GEN_AI.reasoningTokens],
] as const satisfies readonly (readonly [keyof TokenUsageBreakdown, string])[];

/** Tokens as attributes; a kind that the server does not tell is undefined, which is no attribute. */
export function usageAttributes(usage: TokenUsageBreakdown): Attributes {
  return Object.fromEntries(KINDS.map(([kind, name]) => [name, usage[kind]]));
}

/** A model call that is over. */
export interface UsedCall {
  readonly usage: TokenUsageBreakdown;
  /** When its usage was told. */
  readonly atMs: number;
}

/** What a turn has used. */
export class TurnUsage {
  /** The thread's total when it was told last. */
  #total: TokenUsageBreakdown | undefined;
  #used: TokenUsageBreakdown | undefined;
  /** Told first, and either a call or told again. */
  #doubtful: UsedCall | undefined;

  /** @param total - the thread's total before the turn, where it is known */
  constructor(total?: TokenUsageBreakdown) {
    this.#total = total;
  }

  /** What the turn has used so far; undefined while nothing was told. */
  get used(): TokenUsageBreakdown | undefined {
    return this.#used;
  }

  /**
   * Notes what was told.
   * @param first - what the usage is that is told first, where the total before is not known
   * @returns the model calls that it tells of
   */
  told(
    { total, last }: ThreadTokenUsage,
    atMs: number,
    first: 'a call' | 'old' | 'in doubt',
  ): readonly UsedCall[] {
    const before = this.#total;
    this.#total = total;
    const call = { usage: last, atMs };
    if (before === undefined) {
      if (first === 'in doubt') this.#doubtful = call;
      return first === 'a call' ? [this.#counted(call, last)] : [];
    }
    // Not `totalTokens`: a thread that is full has the size of its window there, which nobody has used.
    if (tokensOf(total) <= tokensOf(before)) return [];
    return [...this.believed(), this.#counted(call, difference(total, before))];
  }

  /** What was in doubt was a call: the turn goes on, or has completed. */
  believed(): readonly UsedCall[] {
    const call = this.#doubtful;
    this.#doubtful = undefined;
    return call === undefined ? [] : [this.#counted(call, call.usage)];
  }

  /** What was in doubt was told again: an error follows it. */
  disbelieved(): void {
    this.#doubtful = undefined;
  }

  #counted(call: UsedCall, grown: TokenUsageBreakdown): UsedCall {
    this.#used = this.#used === undefined ? grown : sum(this.#used, grown);
    return call;
  }
}

function tokensOf({ inputTokens, outputTokens }: TokenUsageBreakdown): number {
  return inputTokens + outputTokens;
}

function sum(one: TokenUsageBreakdown, other: TokenUsageBreakdown): TokenUsageBreakdown {
  return combined(one, other, (left, right) => left + right);
}

function difference(one: TokenUsageBreakdown, other: TokenUsageBreakdown): TokenUsageBreakdown {
  return combined(one, other, (left, right) => left - right);
}

function combined(
  one: TokenUsageBreakdown,
  other: TokenUsageBreakdown,
  combine: (left: number, right: number) => number,
): TokenUsageBreakdown {
  const of = (kind: keyof TokenUsageBreakdown) => combine(one[kind] ?? 0, other[kind] ?? 0);
  return {
    totalTokens: of('totalTokens'),
    inputTokens: of('inputTokens'),
    cachedInputTokens: of('cachedInputTokens'),
    cacheWriteInputTokens: of('cacheWriteInputTokens'),
    outputTokens: of('outputTokens'),
    reasoningOutputTokens: of('reasoningOutputTokens'),
  };
}
