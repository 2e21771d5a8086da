/** What a test of the recipe for jobs stands on: a Redis, a scripted model, the queue, and what it tells. */
import { once } from 'node:events';
import { type Job, type Queue, QueueEvents } from 'bullmq';
import { echo, LocalModelProvider } from 'codex-async-client/testing';
import type { Redis } from 'ioredis';
import { type Outcome, openQueue, openRedis, QUEUE, type Task } from '../examples/job-queue/jobs.js';
import { JobWorker } from './job-workers.js';
import { startRedis } from './redis-server.js';

type TaskJob = Job<Task, Outcome>;

/** All of it; gone at the end of the scope, the workers included. */
export interface JobDesk extends AsyncDisposable {
  readonly provider: LocalModelProvider;
  readonly redis: Redis;
  readonly queue: Queue<Task, Outcome>;
  /** What each job has told last of its progress, by its id. */
  readonly progress: ReadonlyMap<string, unknown>;
  /** Settles when the progress is so. */
  told(isSo: (progress: ReadonlyMap<string, unknown>) => boolean): Promise<void>;
  startWorker(env?: Readonly<Record<string, string>>): Promise<JobWorker>;
  /** Adds jobs with these prompts, which are their ids as well. */
  add(...prompts: readonly string[]): Promise<readonly TaskJob[]>;
  /** Adds jobs with these data, whatever they are. */
  addRaw(...data: readonly unknown[]): Promise<readonly TaskJob[]>;
  /** How each of them ended, once all have: what it came to, or why it failed. */
  ends(jobs: readonly TaskJob[]): Promise<readonly (Outcome | string)[]>;
}

/** @param redisServer - Where the program is. */
export async function openDesk(redisServer: string): Promise<JobDesk> {
  const provider = await LocalModelProvider.start({ defaultReply: echo() });
  const server = await startRedis(redisServer);
  process.env['REDIS_URL'] = server.url;
  const redis = openRedis();
  const queue = openQueue(redis);
  const events = new QueueEvents(QUEUE, { connection: redis });
  const progress = new Map<string, unknown>();
  events.on('progress', ({ jobId, data }) => void progress.set(jobId, data));
  for (const emitter of [events, queue]) emitter.setMaxListeners(0); // Each job that is waited for listens.
  await events.waitUntilReady();
  const workers: JobWorker[] = [];
  return {
    provider,
    redis,
    queue,
    progress,
    told: async (isSo) => {
      while (!isSo(progress)) await once(events, 'progress');
    },
    startWorker: async (env = {}) => {
      const worker = await JobWorker.start(provider, { REDIS_URL: server.url, ...env });
      workers.push(worker);
      return worker;
    },
    add: (...prompts) =>
      queue.addBulk(
        prompts.map((prompt) => ({
          name: 'task',
          data: { prompt, cwd: process.cwd() },
          opts: { jobId: prompt },
        })),
      ),
    addRaw: (...data) =>
      queue.addBulk(data.map((raw, n) => ({ name: 'task', data: raw as Task, opts: { jobId: `raw-${n}` } }))),
    ends: (jobs) =>
      Promise.all(jobs.map((job) => job.waitUntilFinished(events).catch((error: Error) => error.message))),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
      await events.close();
      await queue.close();
      redis.disconnect();
      await server[Symbol.asyncDispose]();
      await provider.close();
      delete process.env['REDIS_URL'];
    },
  };
}
