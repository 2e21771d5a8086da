/**
 * Who makes room when what is held unread fills `buffer.maxBytes` while somebody waits (L5): a main stream that nobody
 * reads gives up its oldest notifications, then the streams that may be cut lose their newest, the one that holds most
 * first. Owns that order. Where that would not make room enough nothing is cut, and the flow fails those who wait.
 */
import type { HeldMessage } from './unread-messages.js';

/** A stream that may be cut. */
export interface Cuttable {
  /** How many messages are unread. */
  readonly unread: number;
  readonly unreadBytes: number;
  /** What of that a cut can free: server requests are kept, here or by another stream. */
  readonly droppableBytes: number;
  readonly maxHeldBytes: number;
  /** How many notifications its reader missed and has not been told of. */
  readonly missed: number;
  /** Its reader waits for what has just come: it does not lag. */
  readonly isAwaited: boolean;
  /** Gives up the newest notifications, so much of them at least, and gives back the server requests among them. */
  cut(bytes: number): HeldMessage[];
}

/** What a relief came to. */
export interface Relief {
  /** Streams that were not cut before. */
  readonly cuts: number;
  /** Notifications that were dropped, each of those that were merged counted. */
  readonly missed: number;
  /** How many of them had been merged into another. */
  readonly missedMerged: number;
  /** Server requests that were unread in what was cut. */
  readonly requests: readonly HeldMessage[];
}

/**
 * Cuts streams until so many bytes are free; none when that is more than they hold.
 *
 * @param streams - the oldest first
 * @param mustGive - as many as there are, also those that are to lose nothing and those whose reader waits
 */
export function relieve(streams: Iterable<Cuttable>, bytes: number, mustGive: boolean): Relief {
  const holding = [...streams].filter(
    (stream) => stream.droppableBytes > 0 && (mustGive || mayBeCut(stream)),
  );
  const droppable = holding.reduce((sum, { droppableBytes }) => sum + droppableBytes, 0);
  if (droppable < bytes && !mustGive) return { cuts: 0, missed: 0, missedMerged: 0, requests: [] };
  // A stable sort: of two that hold the same the older one stays first.
  holding.sort((a, b) => b.unreadBytes - a.unreadBytes);
  const requests: HeldMessage[] = [];
  let wanted = bytes;
  let cuts = 0;
  let missed = 0;
  let dropped = 0;
  for (const stream of holding) {
    if (wanted <= 0) break;
    const { droppableBytes, missed: missedBefore, unread } = stream;
    const handedOn = stream.cut(wanted);
    requests.push(...handedOn);
    dropped += unread - stream.unread - handedOn.length;
    wanted -= droppableBytes - stream.droppableBytes;
    missed += stream.missed - missedBefore;
    if (missedBefore === 0) cuts += 1;
  }
  return { cuts, missed, missedMerged: missed - dropped, requests };
}

function mayBeCut({ maxHeldBytes, isAwaited }: Cuttable): boolean {
  return maxHeldBytes !== Number.POSITIVE_INFINITY && !isAwaited;
}
