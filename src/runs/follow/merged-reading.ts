/**
 * What a reader that lags gets in place of each message by itself (L22): pieces of a text as one piece, and of a state only
 * the latest. It is made when it is read, out of what all readers share, and what was made last is kept: readers that lag
 * alike get the same object.
 */
import { coalescingRuleOf } from '../../protocol/coalescing.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import {
  type GrowingRule,
  GrowingText,
  merged,
  mergedCount,
  textAt,
} from '../../session/streams/merged-messages.js';
import type { Kept, KeptMessages } from './kept-messages.js';
import type { MessageEntry } from './thread-entry.js';

/** Pieces are merged until they cost so much: a piece that is larger would make a slow pipe wait for it as a whole. */
const MERGED_MAX_BYTES = 256 * 1024;

/** A message to read, and the last of those that are in it. */
export interface Reading {
  readonly entry: MessageEntry;
  readonly sequence: number;
}

/** How many states a reader was spared, by what they are of. */
export type SparedStates = Map<string, number>;

/** Reads what is kept. */
export class MergedReading {
  readonly #kept: KeptMessages;
  #latest: (Reading & { readonly from: number; readonly spared: number }) | undefined;

  constructor(kept: KeptMessages) {
    this.#kept = kept;
  }

  /** What comes behind a place; undefined when nothing does. @param spared - what was left out for this reader so far */
  after(sequence: number, spared: SparedStates): Reading | undefined {
    let kept = this.#kept.at(sequence + 1);
    while (kept?.stateKey !== undefined && this.#kept.isReplaced(kept)) {
      spared.set(kept.stateKey, (spared.get(kept.stateKey) ?? 0) + mergedCount(kept.entry.message));
      kept = this.#kept.at(kept.sequence + 1);
    }
    return kept === undefined ? undefined : this.#reading(kept, takeSpared(kept, spared));
  }

  /** Nothing that was made is kept any more. */
  clear(): void {
    this.#latest = undefined;
  }

  #reading(first: Kept, spared: number): Reading {
    const isAlone = this.#kept.at(first.sequence + 1)?.isContinuation !== true;
    if (isAlone && spared === 0) return first;
    const known = this.#latest;
    if (known?.from === first.sequence && known.spared === spared) return known;
    const made = isAlone ? stateOf(first, spared) : this.#textFrom(first);
    this.#latest = { ...made, from: first.sequence, spared };
    return made;
  }

  #textFrom(first: Kept): Reading {
    // A message has a continuation only when it is a piece of a text itself.
    const rule = coalescingRuleOf(first.entry.message.method) as GrowingRule;
    const text = new GrowingText(first.entry.message, rule);
    let last = first;
    let bytes = first.bytes;
    for (;;) {
      const next = this.#kept.at(last.sequence + 1);
      bytes += next?.bytes ?? 0;
      if (next?.isContinuation !== true || bytes > MERGED_MAX_BYTES) break;
      text.add(next.entry.message, textAt(next.entry.message, rule.member) ?? '');
      last = next;
    }
    return last === first ? first : readingOf(last, text.whole());
  }
}

function stateOf(kept: Kept, spared: number): Reading {
  const { message } = kept.entry;
  return readingOf(kept, merged(message, spared + mergedCount(message)));
}

function readingOf({ entry: { id }, sequence }: Kept, message: ServerMessage): Reading {
  return { entry: { id, message }, sequence };
}

function takeSpared({ stateKey }: Kept, spared: SparedStates): number {
  if (stateKey === undefined) return 0;
  const count = spared.get(stateKey) ?? 0;
  spared.delete(stateKey);
  return count;
}
