/**
 * Tokens, as attributes. Owns what counts as a model call: usage is told again at the start of a compaction and after an
 * error, so a call is what makes the total of the thread grow.
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

/** What a turn has used. */
export class TurnUsage {
  /** The thread's total when it was told last. */
  #total: TokenUsageBreakdown | undefined;
  #used: TokenUsageBreakdown | undefined;

  /** What the turn has used so far; undefined while nothing was told. */
  get used(): TokenUsageBreakdown | undefined {
    return this.#used;
  }

  /**
   * Notes what was told.
   * @param isFirstOld - what is told first is from before the turn
   * @returns the usage of a model call, or undefined when there was none
   */
  told({ total, last }: ThreadTokenUsage, isFirstOld: boolean): TokenUsageBreakdown | undefined {
    const before = this.#total;
    this.#total = total;
    const isCall = before === undefined ? !isFirstOld : total.totalTokens > before.totalTokens;
    if (!isCall) return undefined;
    const grown = before === undefined ? last : difference(total, before);
    this.#used = this.#used === undefined ? grown : sum(this.#used, grown);
    return last;
  }
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
