/** A worker: one supervised codex on a `CODEX_HOME` of its own, a few jobs at a time, a thread for each attempt. Run any number. */
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { AsyncClient, type ThreadLog } from 'codex-async-client';
import type { ItemView } from 'codex-async-client/view';
import { forgetCancel, isCancelled, isTask, type Outcome, openRedis, QUEUE, type Task } from './jobs.js';

const AT_ONCE = 4;
const MAX_JOB_MS = 30 * 60_000;
/** How often workers look for jobs of the dead: of those whose lock (30 s) nobody has renewed. */
const LOOK_FOR_DEAD_MS = 5_000;
const LOOK_FOR_CANCEL_MS = 1_000;
const DRAIN_MS = 20_000;
const LOOK_AGAIN_MS = 5_000;

const redis = openRedis();
const supervisor = AsyncClient.supervise({ healthCheck: {} });
await supervisor.client(); // A worker that cannot start codex ends here, and takes no job.

/** The jobs that run here, by id, and how each is called off. */
const running = new Map<string, AbortController>();
/** A deploy: what is cut now has not failed. */
let isEnding = false;

async function work(job: Job<Task, Outcome>, token?: string): Promise<Outcome> {
  const id = String(job.id);
  if (running.has(id)) {
    // Redis was away for longer than a lock lasts, and handed out the job once more: to the worker that still has it.
    callOff(id, 'its lock ran out');
    await job.moveToDelayed(Date.now() + LOOK_AGAIN_MS, token);
    throw new DelayedError();
  }
  const call = new AbortController();
  running.set(id, call);
  const looking = setInterval(() => void cancelWhereAsked(id), LOOK_FOR_CANCEL_MS);
  try {
    return await attempt(job, id, call.signal);
  } catch (error) {
    if (call.signal.aborted) throw new UnrecoverableError(String(call.signal.reason)); // Not to be tried again.
    if (!isEnding || error instanceof UnrecoverableError) throw error;
    // Another worker begins it anew, and its attempts are not for deploys.
    await job.moveToDelayed(Date.now(), token);
    throw new DelayedError();
  } finally {
    clearInterval(looking);
    running.delete(id);
  }
}

function callOff(id: string, reason: string): void {
  running.get(id)?.abort(reason);
}

async function attempt(job: Job<Task, Outcome>, id: string, signal: AbortSignal): Promise<Outcome> {
  if (await isCancelled(redis, id)) throw new UnrecoverableError('cancelled');
  if (!isTask(job.data)) throw new UnrecoverableError('no task: it needs a prompt, and an absolute cwd');
  const client = await supervisor.client();
  const { thread } = await client.threadStart({ cwd: job.data.cwd, approvalPolicy: 'never' });
  const log = supervisor.thread(thread).follow();
  const told = tell(job, log).catch(() => {}); // Progress that cannot be told fails no job.
  const run = supervisor.turnRun(
    { threadId: thread.id, input: job.data.prompt },
    // Not `attemptsMade`: that counts failures, and a job whose worker died has not failed.
    { idempotencyKey: `${id}/${job.attemptsStarted}`, timeoutMs: MAX_JOB_MS },
  );
  const stop = () => void run.interrupt().catch(() => {}); // It may be over by now.
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    // Whatever is asked is denied: nobody sits here.
    const { status, finalMessage } = await run.result();
    if (status === 'completed') return { threadId: thread.id, finalMessage };
    throw new Error('codex ended in the middle of the turn');
  } finally {
    log.close();
    await told;
    await forget(thread.id).catch(() => {}); // A server that ended has forgotten it.
  }
}

/** Progress, item by item, from copies: a slow Redis slows no turn, and the log outlives a codex that ends. */
async function tell(job: Job<Task, Outcome>, log: ThreadLog): Promise<void> {
  let done: readonly string[] = [];
  for await (const { message, snapshot } of log.read()) {
    // What was done before the log began, or while it was broken off.
    if (snapshot) done = snapshot.turns.flatMap(({ items }) => items.filter(isDone)).map(({ type }) => type);
    else if (message?.method === 'item/completed') done = [...done, message.params.item.type];
    else continue;
    if (done.length > 0) await job.updateProgress({ items: done.length, last: done.at(-1) });
  }
}

const isDone = ({ state }: ItemView) => state === 'completed';

async function cancelWhereAsked(id: string): Promise<void> {
  const isAsked = await isCancelled(redis, id).catch(() => false); // Redis is away: it is asked again.
  if (isAsked) callOff(id, 'cancelled');
}

/** A server keeps every thread that it has run in memory, until it is archived; on the disk it stays. */
async function forget(threadId: string): Promise<void> {
  await (await supervisor.client()).threadArchive({ threadId });
}

const worker = new Worker<Task, Outcome>(QUEUE, work, {
  connection: redis,
  concurrency: AT_ONCE,
  stalledInterval: LOOK_FOR_DEAD_MS,
});
worker.on('error', (error) => console.error(error.message)); // Redis is away, or a lock was lost.
worker.on('lockRenewalFailed', (ids) => {
  for (const id of ids) callOff(id, 'another worker has the job');
});
worker.on('closing', () => console.log('takes no more jobs'));
worker.on('active', ({ id, attemptsStarted }) => console.log(`${id}/${attemptsStarted} begins`));
worker.on('completed', (job) => over(job, 'is done'));
worker.on('failed', (job, { message }) => {
  if (job !== undefined) over(job, `failed: ${message}`);
});

function over({ id, attemptsStarted, finishedOn }: Job, how: string): void {
  console.log(`${id}/${attemptsStarted} ${how}`);
  if (finishedOn) void forgetCancel(redis, String(id)).catch(() => {}); // Else it is tried again.
}

process.once('SIGTERM', () => {
  isEnding = true;
  void worker.close();
  void supervisor.shutdown({ drainMs: DRAIN_MS }); // What is not over by then begins anew elsewhere.
});

// Ends at SIGTERM, and throws when codex does not stay up: then this worker must not go on to take jobs.
for await (const { number, cause } of supervisor.restarts())
  console.error(`codex, restart ${number}: ${cause}`);
await worker.close();
redis.disconnect();
