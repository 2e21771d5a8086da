/** The recipe for jobs over many workers, on a real Redis and real codex: every job settles, and no turn is sent twice. */
import {
  AsyncClient,
  ServerClosedError,
  type Supervisor,
  ThreadBusyElsewhereError,
} from 'codex-async-client';
import { echo, gate, LocalModelProvider, text } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { untilGone } from '../app-server/processes.js';
import { cancel, isCancelled } from '../examples/job-queue/jobs.js';
import { type JobDesk, openDesk } from '../helpers/job-desk.js';
import type { JobWorker } from '../helpers/job-workers.js';
import { systemTool } from '../helpers/system-tools.js';

const redisServer = systemTool(['redis-server'], 'jobs over many workers') ?? '';

/** How often the model was asked for each prompt. */
function timesAsked({ provider }: JobDesk): Readonly<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const { userText } of provider.requests) times[userText] = (times[userText] ?? 0) + 1;
  return times;
}

/** Settles when the model was asked so many times for a prompt that holds the text. */
async function asked({ provider }: JobDesk, part: string, times: number): Promise<void> {
  for (let seen = 0; seen < times; ) if ((await provider.nextRequest()).userText.includes(part)) seen += 1;
}

/** A job that a worker has in hand, in the middle of its turn; `middle` lets every such turn go on. */
async function held(desk: JobDesk) {
  const middle = gate();
  desk.provider.when({ userText: 'held', repeat: true }, text('one half, ', middle, 'the other'));
  const jobs = await desk.add('held');
  const worker = await desk.startWorker();
  await asked(desk, 'held', 1);
  return { middle, jobs, worker };
}

/** What each of these jobs is to be done with, by its prompt. */
const all = <Value>(prompts: readonly string[], value: Value) =>
  Object.fromEntries(prompts.map((prompt) => [prompt, value]));

describe.skipIf(redisServer === '')('a queue of jobs', () => {
  test('two workers, 100 jobs, one worker killed: all are done, those in flight by a new attempt, no key twice', async () => {
    await using desk = await openDesk(redisServer);
    const { provider } = desk;
    const middle = gate();
    provider.when({ userText: 'held', repeat: true }, text('one half, ', middle, 'the other'));
    const name = (kind: string, count: number) => Array.from({ length: count }, (_, n) => `${kind}-${n}`);
    // Four at once in each worker: when the first 40 are done, the next 8 take all places.
    const prompts = [...name('first', 40), ...name('held', 8), ...name('last', 52)];
    const jobs = await desk.add(...prompts);
    const doomed = await desk.startWorker();
    const other = await desk.startWorker();
    await asked(desk, 'held', 8);

    const heldBy = ({ begun }: JobWorker) => begun.filter((key) => key.startsWith('held'));
    await doomed.until(() => heldBy(doomed).length === 4);
    const inFlight = heldBy(doomed).map((key) => key.replace('/1', ''));
    await desk.told((progress) => inFlight.every((prompt) => progress.has(prompt)));
    expect(desk.progress.get(inFlight[0] ?? '')).toEqual({ items: 1, last: 'userMessage' });
    const { servers } = doomed;
    expect(servers).toHaveLength(1);
    doomed.kill('SIGKILL');
    await Promise.all(servers.map(untilGone)); // Nobody else ends it.
    middle.open();
    const ends = await desk.ends(jobs);

    expect(ends).toEqual(prompts.map((prompt) => expect.objectContaining({ finalMessage: finalOf(prompt) })));
    const again = all(inFlight, 2);
    expect(timesAsked(desk)).toEqual({ ...all(prompts, 1), ...again });
    other.kill('SIGTERM');
    expect(await other.ended).toBe(0);
    const [lost, kept] = [await doomed.keptTurns(), await other.keptTurns()];
    const keys = [...lost, ...kept].map(({ key }) => key);
    expect(keys.toSorted()).toEqual(
      [...prompts.map((id) => `${id}/1`), ...inFlight.map((id) => `${id}/2`)].sort(),
    );
    expect(lost.filter(({ status }) => status !== 'completed')).toEqual(
      expect.arrayContaining(inFlight.map((id) => ({ key: `${id}/1`, status: 'interrupted' }))),
    );
    expect(kept.filter(({ status }) => status !== 'completed')).toEqual([]);
  });

  test('a codex that is killed under its worker: the job is tried anew, by the same worker', async () => {
    await using desk = await openDesk(redisServer);
    desk.provider.enqueue(text('Let me th', gate()), echo());
    const worker = await desk.startWorker();
    const jobs = await desk.add('think');
    await asked(desk, 'think', 1);
    for (const pid of worker.servers) process.kill(pid, 'SIGKILL');
    expect(await desk.ends(jobs)).toEqual([expect.objectContaining({ finalMessage: 'Echo: think' })]);
    expect(worker.lines).toContain('think/1 failed: codex ended in the middle of the turn');
    expect(timesAsked(desk)).toEqual({ think: 2 });
    await ended(worker);
    expect(await worker.keptTurns()).toEqual(
      expect.arrayContaining([
        { key: 'think/1', status: 'interrupted' },
        { key: 'think/2', status: 'completed' },
      ]),
    );
  });

  test('a job that is called off is interrupted where it runs, never begun where it waits, and not tried again', async () => {
    await using desk = await openDesk(redisServer);
    const { redis, queue } = desk;
    desk.provider.enqueue(text('On and on', gate()));
    const jobs = await desk.add('runs', 'waits');
    await cancel(redis, queue, 'waits');
    expect(await redis.ttl('codex:cancelled:waits')).toBe(FOR_EVER);
    const worker = await desk.startWorker();
    await asked(desk, 'runs', 1);
    await cancel(redis, queue, 'runs');
    expect(await desk.ends(jobs)).toEqual(['cancelled', 'cancelled']);
    expect(timesAsked(desk)).toEqual({ runs: 1 });
    expect(await desk.provider.requests[0]?.finished).toBe('aborted');
    await ended(worker);
    expect(await worker.keptTurns()).toEqual([{ key: 'runs/1', status: 'interrupted' }]);
  });

  test('a job that was called off is over: added again, its id is done', async () => {
    await using desk = await openDesk(redisServer);
    const { redis, queue } = desk;
    const jobs = await desk.add('ticket');
    await cancel(redis, queue, 'ticket');
    const worker = await desk.startWorker();
    expect(await desk.ends(jobs)).toEqual(['cancelled']);
    await expect.poll(() => isCancelled(redis, 'ticket')).toBe(false);
    await cancel(redis, queue, 'ticket'); // Too late, which is remembered by nobody.
    await queue.remove('ticket');
    const again = await desk.add('ticket');
    expect(await desk.ends(again)).toEqual([expect.objectContaining({ finalMessage: 'Echo: ticket' })]);
    await ended(worker);
  });

  test('a job that is no task fails at once: nothing runs, also not in the folder of the worker', async () => {
    await using desk = await openDesk(redisServer);
    const noTasks = [
      null,
      {},
      { prompt: 'nowhere' },
      { prompt: 'here', cwd: '.' },
      { prompt: ' ', cwd: '/' },
    ];
    const jobs = await desk.addRaw(...noTasks);
    const worker = await desk.startWorker();
    expect(await desk.ends(jobs)).toEqual(noTasks.map(() => expect.stringMatching(/^no task: /)));
    expect(worker.begun.every((attempt) => attempt.endsWith('/1'))).toBe(true);
    await ended(worker);
    expect(timesAsked(desk)).toEqual({});
  });

  test('a worker that is to end finishes what it has begun, and leaves the rest to others', async () => {
    await using desk = await openDesk(redisServer);
    const middle = gate();
    desk.provider.when({ userText: 'held', repeat: true }, text('half ', middle, 'done'));
    const held = await desk.add('held-0', 'held-1', 'held-2', 'held-3');
    const [later] = await desk.add('later');
    const worker = await desk.startWorker();
    await asked(desk, 'held', 4);
    worker.kill('SIGTERM');
    await worker.until(() => worker.lines.includes('takes no more jobs'));
    middle.open();
    expect(await desk.ends(held)).toEqual(
      Array(4).fill(expect.objectContaining({ finalMessage: 'half done' })),
    );
    expect(await worker.ended).toBe(0);
    expect(await later?.getState()).toBe('waiting');
  });

  test('a job that a deploy cuts has not failed, and is done by the next worker under another key', async () => {
    await using desk = await openDesk(redisServer);
    const { middle, jobs, worker: old } = await held(desk);
    await ended(old);
    expect(old.lines.filter((line) => line.includes('failed'))).toEqual([]);
    expect(await desk.queue.getJob('held')).toMatchObject({ attemptsStarted: 1, attemptsMade: 0 });
    const next = await desk.startWorker();
    await asked(desk, 'held', 1);
    middle.open();
    expect(await desk.ends(jobs)).toEqual([expect.objectContaining({ finalMessage: finalOf('held') })]);
    await ended(next);
    expect(await old.keptTurns()).toEqual([{ key: 'held/1', status: 'interrupted' }]);
    expect(await next.keptTurns()).toEqual([{ key: 'held/2', status: 'completed' }]);
  });

  test('a worker that stood still for too long has lost its job, and interrupts what another one does by now', async () => {
    await using desk = await openDesk(redisServer);
    const { middle, jobs, worker: still } = await held(desk);
    still.kill('SIGSTOP');
    const other = await desk.startWorker();
    await asked(desk, 'held', 1);
    still.kill('SIGCONT');
    expect(await desk.provider.requests[0]?.finished).toBe('aborted');
    middle.open();
    expect(await desk.ends(jobs)).toEqual([expect.objectContaining({ finalMessage: finalOf('held') })]);
    await ended(still);
    await ended(other);
    expect(await still.keptTurns()).toEqual([{ key: 'held/1', status: 'interrupted' }]);
    expect(await other.keptTurns()).toEqual([{ key: 'held/2', status: 'completed' }]);
  });

  test('a job that its own worker gets once more, for its lock ran out, has one turn at a time, and is done', async () => {
    await using desk = await openDesk(redisServer);
    const { middle, jobs, worker } = await held(desk);
    // As after half a minute without Redis.
    await desk.redis.del(LOCK);
    await worker.until(() => worker.begun.length === 2);
    expect(await desk.provider.requests[0]?.finished).toBe('aborted');
    await asked(desk, 'held', 1);
    // Somebody keeps it: the lock gets longer again.
    let before = Number.POSITIVE_INFINITY;
    const isRenewed = async () => {
      const left = await desk.redis.pttl(LOCK);
      const isLonger = left > before;
      before = left;
      return isLonger;
    };
    await expect.poll(isRenewed, { timeout: 60_000 }).toBe(true);
    middle.open();
    expect(await desk.ends(jobs)).toEqual([expect.objectContaining({ finalMessage: finalOf('held') })]);
    await ended(worker);
    expect((await worker.keptTurns()).map(({ status }) => status).sort()).toEqual([
      'completed',
      'interrupted',
    ]);
  });

  test('a worker whose codex does not stay up takes no job', async () => {
    await using desk = await openDesk(redisServer);
    const [job] = await desk.add('waits');
    const worker = await desk.startWorker({ CODEX_HOME: '/nowhere' });
    expect(await worker.ended).toBe(1);
    expect(worker.begun).toEqual([]);
    expect(await job?.getState()).toBe('waiting');
  });
});

test('workers that share a home: the next one learns how the turn of a dead one ended, and goes on in its thread', async () => {
  await using provider = await LocalModelProvider.start({ defaultReply: echo() });
  await using first = AsyncClient.supervise(provider.options);
  await using next = AsyncClient.supervise(provider.options);
  const { thread } = await (await first.client()).threadStart({ approvalPolicy: 'never' });
  const threadId = thread.id;
  const half = gate();
  provider.enqueue(text('one half, ', half));
  const ask = (supervisor: Supervisor, idempotencyKey: string) =>
    supervisor.turnRun({ threadId, input: idempotencyKey }, { idempotencyKey }).result();
  const cut = ask(first, 'job/1').catch((error: unknown) => error);
  await half.reached;
  await expect(ask(next, 'job/1')).rejects.toThrow(ThreadBusyElsewhereError);

  const { pid = 0 } = await first.client();
  const ended = first.shutdown();
  process.kill(pid, 'SIGKILL');
  await ended;
  expect(await cut).toBeInstanceOf(ServerClosedError);
  expect(await ask(next, 'job/1')).toMatchObject({ status: 'interrupted', recovered: true });
  expect(await ask(next, 'job/2')).toMatchObject({ status: 'completed', finalMessage: 'Echo: job/2' });
  expect(provider.requests.map(({ userText }) => userText)).toEqual(['job/1', 'job/2']);
});

/** What Redis says of a key that does not expire. */
const FOR_EVER = -1;

/** Where BullMQ keeps that a worker has the job `held`. */
const LOCK = 'bull:codex:held:lock';

/** What the model says in the end. */
const finalOf = (prompt: string) => (prompt.startsWith('held') ? 'one half, the other' : `Echo: ${prompt}`);

/** Ends the worker as a deploy does. */
async function ended(worker: JobWorker): Promise<void> {
  worker.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
}
