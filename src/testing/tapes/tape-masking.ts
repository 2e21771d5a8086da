/**
 * Masks what passes as it is written to a tape. Owns which answers are about the account: those to requests that are.
 * A message that holds nothing to mask stays the very text that passed.
 */
import { maskMessage } from './masking.js';
import type { Redaction } from './redaction.js';
import { Suspicion } from './suspicion.js';
import type { TapeMessage } from './tape.js';

/** A line of a tape that is to be written, but for its header. */
export interface TapeEntry {
  readonly kind: 'sent' | 'received' | 'missed' | 'ended';
  readonly atMs: number;
  /** What stands under its kind, as JSON. */
  readonly text: string;
}

/** Methods about the account, and about the machines and keys of its owner. */
const OF_ACCOUNT = /^(?:account(?:Session)?|remoteControl|userVerification)\//;

/** What a message of this method says belongs to the account, so that ids and names are masked, too. */
export function isOfAccount(method: string): boolean {
  return OF_ACCOUNT.test(method);
}

/** Masks entries, in order. */
export class TapeMasking {
  readonly #redaction: Redaction;
  readonly #suspicion: Suspicion;
  /** Requests about the account that were not answered yet. */
  readonly #asked = new Set<string>();
  #leftOut = 0;

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
    this.#suspicion = new Suspicion(redaction);
  }

  /** How many messages were left out, because they were none or too deep. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /**
   * The entries without what is to be masked. The last message of the server may be none, which is what ends a
   * conversation; that one, and one that is too deep to be looked through, is left out and counts as missed.
   */
  mask(entries: readonly TapeEntry[]): readonly TapeEntry[] {
    const places = this.#suspicion.among(entries, this.#asked.size > 0);
    const last = entries.findLastIndex(({ kind }) => kind === 'received');
    const masked = [...entries];
    for (const place of new Set([...places, last])) {
      const entry = entries[place];
      if (entry !== undefined) masked[place] = this.maskOne(entry);
    }
    return masked;
  }

  /** One entry, looked through whatever it holds. */
  maskOne(entry: TapeEntry): TapeEntry {
    const { kind, atMs } = entry;
    if (kind !== 'sent' && kind !== 'received') return entry;
    try {
      // The edge of the wire: a line that is JSON and begins with `{`, which all do here, is an object.
      const message = JSON.parse(entry.text) as TapeMessage;
      const isOfAccount = this.#isOfAccount(message, kind);
      const masked = maskMessage(this.#redaction.apply(message), isOfAccount);
      return masked === message ? entry : { kind, atMs, text: JSON.stringify(masked) };
    } catch {
      // Not parsed, so nothing is known of it: better a tape with a gap than one with a secret.
      this.#leftOut += 1;
      return { kind: 'missed', atMs, text: '1' };
    }
  }

  #isOfAccount({ id, method }: TapeMessage, direction: 'sent' | 'received'): boolean {
    if (typeof method !== 'string') return this.#asked.delete(idOf(id, direction));
    const isItsOwn = isOfAccount(method);
    if (isItsOwn && id !== undefined) this.#asked.add(idOf(id, direction === 'sent' ? 'received' : 'sent'));
    return isItsOwn;
  }
}

/** An id of those that one side answers. */
function idOf(id: unknown, answerer: 'sent' | 'received'): string {
  return `${answerer} ${JSON.stringify(id)}`;
}
