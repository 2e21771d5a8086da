/** What a server that floods for ever could write, by its own count. */
import type { AsyncClient } from 'codex-async-client';
import { startScripted } from './scripted.js';

/** A client of `flood-endless`, and the server's count. */
export interface EndlessFlood {
  readonly client: AsyncClient;
  /** How many deltas the server has written. */
  written(): Promise<number>;
  /** Settles when the server cannot write any more: two counts in a row are equal. */
  stoppedAt(): Promise<number>;
}

/** The bytes of one delta of `flood-endless`. */
export const DELTA_BYTES = 1_024;
/** What can be under way between the two processes at most, in deltas: two pipe buffers and a pipe read. */
export const UNDER_WAY = (2 * 1024 * 1024) / DELTA_BYTES;

/** Starts the flood. */
export async function startEndlessFlood(highWaterMark = 100): Promise<EndlessFlood> {
  const client = await startScripted('flood-endless', [], { buffer: { highWaterMark } });
  const lines = client.takeStderr()?.[Symbol.asyncIterator]();
  const written = async (): Promise<number> => {
    await client.notify('report');
    const line = await lines?.next();
    return Number(String(line?.value).replace('written ', ''));
  };
  const stoppedAt = async (): Promise<number> => {
    let before = -1;
    for (;;) {
      const now = await written();
      if (now === before && client.stats().paused.now) return now;
      before = now;
    }
  };
  return { client, written, stoppedAt };
}
