/** A worker: one supervised codex on a `CODEX_HOME` of its own, a few jobs at a time, a thread for each attempt. Run any number. */
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { AsyncClient, deny, ServerClosedError, type TurnRun } from 'codex-async-client';
import { CANCEL, isCancelled, type Outcome, openRedis, QUEUE, type Task } from './jobs.js';

const AT_ONCE = 4;
const MAX_JOB_MS = 30 * 60_000;
/** How often workers look for jobs of the dead: of those whose lock (30 s) nobody has renewed. */
const LOOK_MS = 5_000;
const DRAIN_MS = 20_000;

const redis = openRedis();
const supervisor = AsyncClient.supervise({ healthCheck: {} });
await supervisor.client(); // A worker that cannot start codex ends here, and takes no job.

async function work(job: Job<Task, Outcome>, _token?: string, signal?: AbortSignal): Promise<Outcome> {
  if (await isCancelled(redis, job.id)) throw new UnrecoverableError('cancelled');
  const client = await supervisor.client();
  const { thread } = await client.threadStart({ cwd: job.data.cwd, approvalPolicy: 'never' });
  const run = supervisor.turnRun(
    { threadId: thread.id, input: job.data.prompt },
    // Not `attemptsMade`: that counts failures, and a job whose worker died has not failed.
    { idempotencyKey: `${job.id}/${job.attemptsStarted}`, timeoutMs: MAX_JOB_MS, coalesce: true },
  );
  const stop = () => void run.interrupt().catch(() => {}); // It may be over by now.
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    await tell(job, run);
    const { status, finalMessage } = await run.result();
    if (status === 'completed') return { threadId: thread.id, finalMessage };
    if (signal?.aborted) throw new UnrecoverableError(String(signal.reason)); // Not to be tried again.
    throw new Error('codex ended in the middle of the turn');
  } finally {
    await forget(thread.id).catch(() => {}); // A server that ended has forgotten it.
  }
}

/** Progress, item by item. When codex ends, so does this; what became of the turn is in the run's result. */
async function tell(job: Job<Task, Outcome>, run: TurnRun): Promise<void> {
  let items = 0;
  try {
    for await (const msg of run) {
      if (msg.kind === 'request') await (await supervisor.client()).respond(msg, deny(msg));
      else if (msg.method === 'item/completed')
        await job.updateProgress({ items: ++items, last: msg.params.item.type, turnId: msg.params.turnId });
    }
  } catch (error) {
    if (!(error instanceof ServerClosedError)) throw error;
  }
}

/** A server keeps every thread that it has run in memory, until it is archived; on the disk it stays. */
async function forget(threadId: string): Promise<void> {
  await (await supervisor.client()).threadArchive({ threadId });
}

const worker = new Worker<Task, Outcome>(QUEUE, work, {
  connection: redis,
  concurrency: AT_ONCE,
  stalledInterval: LOOK_MS,
});
worker.on('error', (error) => console.error(error.message)); // Redis is away, or a lock was lost.
worker.on(
  'lockRenewalFailed',
  (ids) => void ids.map((id) => worker.cancelJob(id, 'another worker has the job')),
);
worker.on('closing', () => console.log('takes no more jobs'));
worker.on('active', ({ id, attemptsStarted }) => console.log(`${id}/${attemptsStarted} begins`));
worker.on('completed', ({ id, attemptsStarted }) => console.log(`${id}/${attemptsStarted} is done`));
worker.on('failed', (job, { message }) =>
  console.log(`${job?.id}/${job?.attemptsStarted} failed: ${message}`),
);

const ears = redis.duplicate();
ears.on('message', (_channel, jobId) => worker.cancelJob(jobId, 'cancelled'));
await ears.subscribe(CANCEL);

process.once('SIGTERM', () => {
  void worker.close();
  void supervisor.shutdown({ drainMs: DRAIN_MS }); // What is not over by then fails, and is tried anew elsewhere.
});

// Ends at SIGTERM, and throws when codex does not stay up: then this worker must not go on to take jobs.
for await (const { number, cause } of supervisor.restarts())
  console.error(`codex, restart ${number}: ${cause}`);
await worker.close();
redis.disconnect();
ears.disconnect();
