/** What users do with pages: open them on logs that outlive a client, or on its own, come back to them, and leave them. */
import type { ThreadLog } from 'codex-async-client';
import { Page } from './page.js';
import { PLAIN_THREADS, SHARED_THREADS, SPENDING_THREAD } from './user-steps.js';
import type { Users } from './users.js';

/** Opens a page on any thread. */
export function openPage(users: Users): void {
  const { random } = users;
  if (random.chance(0.2)) {
    openPlain(users, random.pick(PLAIN_THREADS));
    return;
  }
  const threadId = random.chance(0.15) ? SPENDING_THREAD : random.pick(SHARED_THREADS);
  openOn(users, threadId, random.chance(0.6));
}

/** Opens a page on a log that outlives a client. */
export function openOn(
  users: Users,
  threadId: string,
  isShared: boolean,
  answers = users.random.chance(0.6),
): Page {
  const known = users.logs.find((log) => log.threadId === threadId && !users.closed.has(log));
  const keepBytes = users.random.pick([1, 600, 8_388_608] as const);
  const log =
    isShared && known !== undefined
      ? known
      : users.supervisor.thread(threadId).follow({ keepBytes, answers });
  if (log !== known) users.logs.push(log);
  return addPage(users, log, false);
}

/** Reads again, with the id of the last entry or as a new page. */
export function comeBack(users: Users, page: Page | undefined, withId: boolean): void {
  if (page === undefined || users.closed.has(page.log)) return;
  users.note(`${page.name} comes back`, { withId });
  if (page.isPlain && page.end !== undefined) {
    const again = users.supervisor.client().then((client) => {
      if (page.end !== undefined) page.comeBack(withId, client.thread(page.threadId).follow());
    });
    users.watch('call', `${page.name} with a new client`, again);
  } else page.comeBack(withId);
}

/** Leaves a page; sometimes its thread is followed no more. */
export function leavePage(users: Users, page: Page | undefined): void {
  if (page === undefined) return;
  users.note(`leaves ${page.name}`);
  users.watch('leave', `leaving ${page.name}`, page.leave());
  if (users.random.chance(0.7)) return;
  users.closed.add(page.log);
  page.log.close();
}

/** Follows with the client of the moment. */
function openPlain(users: Users, threadId: string): void {
  const opened = users.supervisor.client().then(async (client) => {
    await client.threadResume({ threadId });
    addPage(users, client.thread(threadId).follow({ answers: users.random.chance(0.6) }), true);
  });
  users.watch('call', 'a page of a client', opened);
}

function addPage(users: Users, log: ThreadLog, isPlain: boolean): Page {
  const name = `page ${users.pages.length}`;
  users.note(`opens ${name}`, { threadId: log.threadId, isPlain });
  const page = new Page(name, log, isPlain, users.world, (what, details) => users.note(what, details));
  users.pages.push(page);
  return page;
}
