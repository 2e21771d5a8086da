/** What the workers share with whoever has jobs for them: the queue, what a job is, and how one is called off. */
import { isAbsolute } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

/** What a job asks for. */
export interface Task {
  readonly prompt: string;
  readonly cwd: string;
}

/** What came of it, and where it can be read. */
export interface Outcome {
  readonly threadId: string;
  readonly finalMessage: string | undefined;
}

/** Whether a job asks for something that can be done: without a folder of its own it would run in that of the worker. */
export function isTask(data: unknown): data is Task {
  const { prompt, cwd } = (data ?? {}) as Partial<Record<keyof Task, unknown>>;
  return typeof prompt === 'string' && prompt.trim() !== '' && typeof cwd === 'string' && isAbsolute(cwd);
}

export const QUEUE = 'codex';

/** A connection as workers need it: a command waits for Redis to come back, however long that takes. */
export function openRedis(): Redis {
  return new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379', { maxRetriesPerRequest: null });
}

/** Add a job with `queue.add(name, task, { jobId })`: the same id again is the same job. */
export function openQueue(connection: Redis): Queue<Task, Outcome> {
  return new Queue(QUEUE, {
    connection,
    defaultJobOptions: { attempts: 3, backoff: { type: 'exponential', delay: 1_000 } },
  });
}

/**
 * Calls a job off, however long it waits: workers look here before they begin a job, and every second while it runs. One
 * that is over has no worker to take the key away, and needs none.
 */
export async function cancel(redis: Redis, queue: Queue<Task, Outcome>, jobId: string): Promise<void> {
  await redis.set(cancelKey(jobId), '');
  if (['completed', 'failed', 'unknown'].includes(await queue.getJobState(jobId)))
    await forgetCancel(redis, jobId);
}

export async function isCancelled(redis: Redis, jobId: string): Promise<boolean> {
  return (await redis.exists(cancelKey(jobId))) > 0;
}

/** The job is over. The same id, added again, is another job. */
export async function forgetCancel(redis: Redis, jobId: string): Promise<void> {
  await redis.del(cancelKey(jobId));
}

const cancelKey = (jobId: string) => `${QUEUE}:cancelled:${jobId}`;
