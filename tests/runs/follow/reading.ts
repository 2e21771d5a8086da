/** Entries of a log, read one by one. */
import type { ThreadEntries, ThreadEntry } from 'codex-async-client';
import type { ThreadView } from 'codex-async-client/view';

/** The next entry; waits for it. */
export async function next(entries: ThreadEntries): Promise<ThreadEntry> {
  const { value } = await entries.next();
  if (value === undefined) throw new Error('it has ended');
  return value;
}

/** The next entry, which is a snapshot. */
export async function snapshotOf(entries: ThreadEntries): Promise<ThreadView> {
  const { snapshot } = await next(entries);
  if (snapshot === undefined) throw new Error('it is no snapshot');
  return snapshot;
}

/** The next two entries, which are a gap that nobody can count, and a snapshot. */
export async function snapshotBehindGap(entries: ThreadEntries): Promise<ThreadView> {
  const { gap } = await next(entries);
  if (gap?.missed !== null) throw new Error('it is no gap without a number');
  return snapshotOf(entries);
}

/** What the agent has said. */
export function textsOf({ turns }: ThreadView): string[] {
  return turns.flatMap(({ items }) =>
    items.map((item) => (item.type === 'agentMessage' ? item.text : item.type)),
  );
}
