/** How a point of lives ends: what brings it to rest before, and what ends the supervisor. */
import { isStored } from '../server/home.js';
import { answerByKey, requestsOf } from './user-answers.js';
import { comeBack, openOn } from './user-pages.js';
import { askResult } from './user-runs.js';
import type { UserStage } from './user-steps.js';
import type { ShownRequest, Users } from './users.js';

/** So long may it take to come to rest once the servers are healthy: every limit of every option fits in. */
const REST_MS = 900_000;
/** More rounds than any schedule needs. */
const MOST_ROUNDS = 6_000;

/** The servers are healthy from now on, and everybody reads: lets everything come to rest. False when it does not. */
export async function comeToRest(stage: UserStage): Promise<boolean> {
  const { users, clock } = stage;
  users.becomeHealthy();
  const shown = new Set<string>();
  const answered = new Set<string>();
  const until = clock.nowMs + REST_MS;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    showEverything(users, shown);
    readEverything(users);
    await clock.quiet();
    const hasAnswered = answerAll(users, answered);
    if (serveAll(users) || hasAnswered) continue;
    if (isAtRest(users)) return true;
    if (!(await clock.advance(until - clock.nowMs))) return false;
  }
  return false;
}

/** Ends the supervisor, with some time for its turns or without. */
export function bringEnd({ users, random }: UserStage): void {
  const drainMs = random.pick([undefined, undefined, 3_000, 60_000] as const);
  users.note('shuts down', { drainMs });
  users.tally.count('outliving end', drainMs === undefined ? 'at once' : 'with a drain');
  users.isShutDown = true;
  const shutdown = users.supervisor.shutdown(drainMs === undefined ? {} : { drainMs });
  users.watch('lifetime', 'shutdown', shutdown);
}

/** The end has come: time passes until nothing is planned any more. Servers that live go on. */
export async function runOut({ users, clock }: UserStage): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    readEverything(users);
    await clock.quiet();
    if (!serveAll(users) && !(await clock.advance(REST_MS))) return;
  }
}

/** Every server does all that it can; false when there was nothing to do. */
function serveAll({ world }: Users): boolean {
  const { process } = world;
  if (process === undefined || process.isMute) return false;
  const [request] = process.waiting;
  if (request !== undefined) process.serve(request);
  const played = [...process.turns.running.values()].filter((turn) => process.turns.step(turn));
  return world.flush(0) || request !== undefined || played.length > 0;
}

/** Everybody who looks at a request answers it, once; false when nothing is left to answer. */
function answerAll(users: Users, answered: Set<string>): boolean {
  const shown: ShownRequest[] = [...users.pages.flatMap(({ view }) => requestsOf(view)), ...users.handed];
  const open = shown.filter(({ key }) => !answered.has(key));
  for (const request of open) {
    if (answered.has(request.key)) continue;
    answered.add(request.key);
    answerByKey(users, request);
  }
  return open.length > 0;
}

/** Every thread has a page that is asked what its turns ask, one that comes to be, too. */
function showEverything(users: Users, shown: Set<string>): void {
  for (const thread of users.world.home.threads.values()) {
    if (shown.has(thread.id) || !isStored(thread)) continue;
    shown.add(thread.id);
    openOn(users, thread.id, false, true);
  }
}

function readEverything(users: Users): void {
  for (const page of users.pages) {
    const thread = users.world.home.threads.get(page.threadId);
    const isThere = thread !== undefined && isStored(thread);
    if (page.end?.error !== undefined && isThere && !page.isLeft && !users.isShutDown)
      comeBack(users, page, true);
    page.grant(1_000);
  }
  for (const run of users.runs) {
    run.reading?.grant(1_000);
    if (run.mode === 'result') askResult(users, run);
  }
}

function isAtRest({ promises, world, supervisor, pages, restarts }: Users): boolean {
  const { state, restarts: begun } = supervisor.stats();
  if (!['living', 'givenUp'].includes(state)) return false;
  // What was lost with a connection is asked of the next server, which may turn the question away for a while.
  if (restarts.length < begun) return false;
  const isShown = pages.every(
    ({ view, end, isLeft, threadId }) =>
      view !== undefined || end !== undefined || isLeft || !world.home.threads.has(threadId),
  );
  if (!isShown) return false;
  const isWaiting = promises.pending.some(({ kind }) => kind !== 'endless' && kind !== 'lifetime');
  // A turn that waits for an answer on a thread that nobody may resume waits for somebody to agree.
  const running = [...(world.process?.turns.running.keys() ?? [])];
  return !isWaiting && !running.some((id) => world.open.some(({ threads }) => threads.has(id)));
}
