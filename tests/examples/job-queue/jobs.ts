/** What the workers share with whoever has jobs for them: the queue, what a job is, and how one is called off. */
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

export const QUEUE = 'codex';
export const CANCEL = `${QUEUE}:cancel`;
const DAY_S = 86_400;

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

/** Calls a job off, in whatever state it is. It is written before it is told: who begins the job later reads it. */
export async function cancel(redis: Redis, jobId: string): Promise<void> {
  await redis.set(`${CANCEL}:${jobId}`, '', 'EX', DAY_S);
  await redis.publish(CANCEL, jobId);
}

export async function isCancelled(redis: Redis, jobId: string | undefined): Promise<boolean> {
  return (await redis.exists(`${CANCEL}:${jobId}`)) > 0;
}
