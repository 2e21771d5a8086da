/** What can arrive at a stream that coalesces, and the model of what its reader then gets. Knows nothing of how it merges. */
import type { ServerMessage } from 'codex-async-client';
import fc from 'fast-check';

/** What arrives: a piece of text, a piece of bytes, a state, an event of its own, a server request. */
export type Arrival =
  | { readonly kind: 'text' | 'bytes'; readonly of: string; readonly item: string }
  | { readonly kind: 'state' | 'event' | 'request'; readonly of: string };

/** Something that happens at the stream. */
export type Happening =
  | { readonly do: 'arrive'; readonly what: Arrival }
  | { readonly do: 'read' | 'wait' | 'give up' };

const of = fc.constantFrom('a', 'b');
const item = fc.constantFrom('i', 'j');

const arrivals: fc.Arbitrary<Arrival> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('text', 'text', 'bytes'), of, item }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('state', 'state', 'event', 'request'), of }) },
);

/** Any of it, in any order; a reader that waits may give up. */
export const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('arrive' as const), what: arrivals }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constantFrom<'read' | 'wait' | 'give up'>('read', 'wait', 'give up') }),
    },
  ),
  { maxLength: 60, size: 'max' },
);

/** The bytes of the arrival `n`: no multiple of three, so that their base64 has a padding, and half a character. */
export function bytesOf(n: number): Uint8Array {
  return Buffer.from(`${n} €;`).subarray(0, -2);
}

/** The arrival `n` as the server's message, which nobody may change. */
export function messageOf(n: number, what: Arrival): ServerMessage {
  return deeplyFrozen(looseMessageOf(n, what)) as ServerMessage;
}

function looseMessageOf(n: number, what: Arrival): object {
  const scope = { threadId: what.of, turnId: 'turn' };
  if (what.kind === 'request')
    return { kind: 'request', id: n, method: 'item/tool/call', params: { ...scope, callId: String(n) } };
  const said = (method: string, params: object) => ({ kind: 'notification', method, params });
  if (what.kind === 'text')
    return said('item/agentMessage/delta', { ...scope, itemId: what.item, delta: `${n};` });
  if (what.kind === 'bytes') {
    const deltaBase64 = Buffer.from(bytesOf(n)).toString('base64');
    const from = { processId: what.of, stream: what.item, capReached: false };
    return said('command/exec/outputDelta', { ...from, deltaBase64 });
  }
  if (what.kind === 'state') return said('turn/diff/updated', { ...scope, diff: String(n) });
  return said('turn/started', { threadId: what.of, turn: { id: 'turn', startedAt: n } });
}

/** One unread message of the model: the arrivals that it stands for. */
export interface Entry {
  readonly numbers: readonly number[];
  readonly what: Arrival;
}

/** The unread messages of a reader that lags, by a rule of a few lines. */
export class CoalescingModel {
  readonly unread: Entry[] = [];

  /** @param isLagging - nobody waits for it */
  arrive(n: number, what: Arrival, isLagging: boolean): void {
    const merged = isLagging ? this.#mergedWith(what) : undefined;
    const index = merged === undefined ? -1 : this.unread.indexOf(merged);
    const entry = { numbers: [...(merged?.numbers ?? []), n], what };
    if (merged !== undefined && what.kind === 'state') this.unread.splice(index, 1);
    if (merged === undefined || what.kind === 'state') this.unread.push(entry);
    else this.unread[index] = entry;
  }

  #mergedWith(what: Arrival): Entry | undefined {
    if (what.kind === 'state')
      return this.unread.findLast((entry) => entry.what.kind === 'state' && entry.what.of === what.of);
    if (what.kind !== 'text' && what.kind !== 'bytes') return undefined;
    const lastAsked = this.unread.findLastIndex((entry) => entry.what.kind === 'request');
    const sinceAsked = this.unread.slice(lastAsked + 1);
    const last = sinceAsked.findLast((entry) => threadOf(entry.what) === threadOf(what));
    return last !== undefined && isOfOneText(last.what, what) ? last : undefined;
  }
}

/** The output of a process is of no thread. */
function threadOf(what: Arrival): string | undefined {
  return what.kind === 'bytes' ? undefined : what.of;
}

function isOfOneText(one: Arrival, other: Arrival): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function deeplyFrozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) deeplyFrozen(member);
  return Object.freeze(value);
}
