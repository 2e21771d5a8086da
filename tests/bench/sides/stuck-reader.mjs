// Turns of others on the real codex, beside a run whose reader is stuck and without one. What counts is how long a turn of
// the others takes, and that none of them fails.
import { setTimeout as wait } from 'node:timers/promises';
import { withClient } from './with-client.mjs';

const WORDS_AT_ONCE = 50;
const PAUSE_MS = 50;

export const besideStuckReader = (amount) => measure({ ...amount, isStuck: true });

export const alone = (amount) => measure({ ...amount, isStuck: false });

async function measure({ turns, stuckMs, codexPath, isStuck }) {
  const { gate, LocalModelProvider, repeatText, text } = await import('codex-async-client/testing');
  const provider = await LocalModelProvider.start({ defaultReply: text('short answer') });
  // The turn of the one that is stuck goes on all the time, some words every few milliseconds.
  const gates = Array.from({ length: Math.ceil(stuckMs / PAUSE_MS) }, () => gate());
  const pieces = gates.flatMap((closed) => [repeatText(' word', WORDS_AT_ONCE), closed]);
  if (isStuck) provider.enqueue([text(...pieces, ' end')]);
  try {
    return await withClient(
      { ...provider.options, codexPath, buffer: { maxBytes: 2 ** 20 } },
      async (client) => {
        const stuck = isStuck ? client.threadRun({ turn: 'talk' }, { maxHeldBytes: 2 ** 18 }) : undefined;
        // It takes the first words, and then its page takes no more.
        if (stuck !== undefined) await untilItTalks(stuck);
        const opening = openInTurn(gates);
        const figures = await turnsOf(client, turns, stuckMs / turns);
        await opening;
        if (isStuck && client.stats().cuts === 0) throw new Error('the reader was stuck, and was not cut');
        const { finalMessage } = (await stuck?.result()) ?? {};
        if (isStuck && !finalMessage.endsWith('end'))
          throw new Error('the result of the stuck run is not whole');
        return figures;
      },
    );
  } finally {
    await provider.close();
  }
}

async function untilItTalks(run) {
  for (;;) {
    const { value } = await run.next();
    if (value.method === 'item/agentMessage/delta') return;
  }
}

async function openInTurn(gates) {
  for (const closed of gates) {
    await wait(PAUSE_MS);
    closed.open();
  }
}

/** Turns one after another on five threads, one begins every so many milliseconds; the figure is the median. */
async function turnsOf(client, count, everyMs) {
  const threads = await Promise.all(Array.from({ length: 5 }, () => client.threadStart({ ephemeral: true })));
  const times = [];
  for (let turn = 0; turn < count; turn += 1) {
    const start = performance.now();
    const { thread } = threads[turn % threads.length];
    const { status } = await client.turnRun({ threadId: thread.id, input: 'short' }).result();
    const ms = performance.now() - start;
    if (status === 'completed') times.push(ms);
    await wait(Math.max(0, everyMs - ms));
  }
  times.sort((a, b) => a - b);
  return { ms: times[Math.floor(times.length / 2)], seen: times.length, expected: count };
}
