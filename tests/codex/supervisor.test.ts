/** Work that outlives its server: a real codex, supervised, that is killed, stopped and drained. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AsyncClient,
  approve,
  ResumeWouldSpendError,
  ServerClosedError,
  StaleRequestError,
  ThreadBusyElsewhereError,
} from 'codex-async-client';
import { gate, shellCommand, text } from 'codex-async-client/testing';
import type { ThreadView } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import { isRunning } from '../app-server/processes.js';
import { Page } from '../runs/follow/page.js';
import { show } from './show-page.js';
import { errorOf, supervisedCodex, timesAsked, userMessages } from './supervised-codex.js';

/** What four servers and fifty turns may take on a machine that is busy. */
const MANY_MS = 180_000;

const lastSaid = ({ turns }: ThreadView) =>
  turns.at(-1)?.items.findLast((item) => item.type === 'agentMessage')?.text;

describe('L24 a server that is killed', () => {
  test('thread not found after a crash: not here, the next server answers the next turn', async () => {
    await using codex = await supervisedCodex();
    const { supervisor } = codex;
    const threadId = await codex.keptThread();
    const first = await supervisor.client();
    await codex.kill();
    await first.closed;
    const { finalMessage } = await supervisor.turnRun({ threadId, input: 'after' }).result();
    expect(finalMessage).toContain('after');
    expect((await supervisor.client()).pid).not.toBe(first.pid);
    const { value: restart } = await supervisor.restarts().next();
    expect(restart).toMatchObject({
      number: 1,
      lost: { turns: [], approvals: [], threads: [], partialText: [] },
      cause: { code: 'CODEX_SERVER_CLOSED', signal: 'SIGKILL' },
    });
  });

  test('no rollout found after a crash: that is a thread without a turn, which is told as lost', async () => {
    await using codex = await supervisedCodex();
    const client = await codex.supervisor.client();
    const { thread } = await client.threadStart({});
    await codex.kill();
    await client.closed;
    const { value: restart } = await codex.supervisor.restarts().next();
    expect(restart?.lost.threads).toEqual([thread.id]);
    const gone = await errorOf(codex.supervisor.turnRun({ threadId: thread.id, input: 'x' }).result());
    expect(gone).toMatchObject({ code: 'CODEX_RPC', serverMessage: /no rollout found/ });
  });

  test('a turn without a key rejects with what it had come to, and is not sent again', async () => {
    await using codex = await supervisedCodex();
    const threadId = await codex.keptThread();
    const silence = gate();
    codex.provider.enqueue([text('half ', silence, 'whole')]);
    const run = codex.supervisor.turnRun({ threadId, input: 'go' });
    const error = await errorOf(
      (async () => {
        for await (const message of run) if (message.method === 'item/agentMessage/delta') await codex.kill();
      })(),
    );
    const failure = await errorOf(run.result());
    expect(error).toMatchObject({ code: 'CODEX_SERVER_CLOSED', signal: 'SIGKILL' });
    expect(failure).toBeInstanceOf(ServerClosedError);
    expect((failure as ServerClosedError).result?.agentMessages.at(-1)?.text).toBe('half ');
    const { value: restart } = await codex.supervisor.restarts().next();
    expect(restart?.lost.turns).toEqual([{ threadId, turnId: run.turnId }]);
    expect(restart?.lost.partialText).toMatchObject([{ threadId, turnId: run.turnId, text: 'half ' }]);
    await codex.supervisor.turnRun({ threadId, input: 'next' }).result();
    const messages = await userMessages(await codex.supervisor.client(), threadId);
    expect(messages.map((message) => [message.text, message.status])).toEqual([
      ['hello', 'completed'],
      ['go', 'interrupted'],
      ['next', 'completed'],
    ]);
    expect(timesAsked(codex.provider, 'go')).toBe(1);
  });

  // What the server keeps of a turn is decided between these.
  test.each([
    ['turn/started', ['completed', 'interrupted']],
    ['item/started', ['completed', 'interrupted']],
    ['item/completed', ['interrupted']],
    ['item/agentMessage/delta', ['interrupted']],
  ])('a turn with a key that is killed at its first %s ends %j, once', async (method, statuses) => {
    await using codex = await supervisedCodex();
    const threadId = await codex.keptThread();
    codex.provider.when({ userText: 'go' }, [text('half ', gate())]);
    const client = await codex.supervisor.client();
    const tap = client.tap({ threadId, methods: [method] });
    const run = codex.supervisor.turnRun({ threadId, input: 'go' }, { idempotencyKey: 'job-7' });
    const result = run.result();
    await tap.next();
    if (statuses.includes('completed')) codex.provider.release();
    await codex.kill();
    const { status } = await result;
    expect(statuses).toContain(status);
    const messages = await userMessages(await codex.supervisor.client(), threadId);
    const kept = messages.filter(({ key }) => key === 'job-7');
    expect(timesAsked(codex.provider, 'go')).toBeLessThanOrEqual(1);
    // For a moment the turn is kept, and its message, which has begun, is not: it is interrupted all the same.
    if (method === 'item/started' && kept.length === 0) {
      expect(status).toBe('interrupted');
      return;
    }
    expect(kept).toEqual([{ key: 'job-7', text: 'go', status }]);
    // The key has settled: asked for once more, it is the same turn.
    const again = codex.supervisor.turnRun({ threadId, input: 'go' }, { idempotencyKey: 'job-7' });
    expect(await again.result()).toMatchObject({ status, recovered: true });
    expect(again.turnId).toBe(run.turnId);
  });

  test('a key is known to the next program, too', async () => {
    await using codex = await supervisedCodex();
    const threadId = await codex.keptThread();
    const key = { idempotencyKey: 'job-7' };
    const before = codex.supervisor.turnRun({ threadId, input: 'go' }, key);
    await before.result();
    await codex.supervisor.shutdown();
    await using next = AsyncClient.supervise({ ...codex.provider.options });
    const run = next.turnRun({ threadId, input: 'go' }, key);
    const result = await run.result();
    expect(result).toMatchObject({ status: 'completed', recovered: true });
    expect(result.finalMessage).toContain('go');
    expect(run.turnId).toBe(before.turnId);
    expect(timesAsked(codex.provider, 'go')).toBe(1);
  });

  test('a turn with a key can be the first one of its thread', async () => {
    await using codex = await supervisedCodex();
    const { thread } = await (await codex.supervisor.client()).threadStart({});
    const key = { idempotencyKey: 'first' };
    const { status } = await codex.supervisor.turnRun({ threadId: thread.id, input: 'go' }, key).result();
    expect(status).toBe('completed');
  });

  test(
    '50 runs of 10 users over 3 kills all settle, and no turn is sent twice',
    async () => {
      await using codex = await supervisedCodex({ restart: { maxRestarts: 10 } });
      const { supervisor, provider } = codex;
      // A kill takes up to nine turns more with it that the model is never asked for: what is left is enough for the next silence.
      const silences = [9, 19, 29].map((index) => ({ index, gate: gate() }));
      const threads = await Promise.all(Array.from({ length: 10 }, () => codex.keptThread()));
      for (let index = 0; index < 50; index += 1) {
        const silence = silences.find((one) => one.index === index);
        provider.enqueue(silence === undefined ? text('fine') : [text('half', silence.gate)]);
      }
      const killing = (async () => {
        for (const silence of silences) {
          await silence.gate.reached;
          const client = await supervisor.client();
          await codex.kill();
          // The next one is a server of its own.
          await client.closed;
        }
      })();
      const runs = threads.flatMap((threadId, user) =>
        Array.from({ length: 5 }, (_, turn) => {
          const input = `user ${user} turn ${turn}`;
          const options = turn % 2 === 0 ? { idempotencyKey: input } : {};
          const run = supervisor.turnRun({ threadId, input }, options);
          const outcome = run.result().then(
            ({ status }) => status,
            (error: unknown) => (error instanceof ServerClosedError ? 'lost' : error),
          );
          return { threadId, input, isKeyed: turn % 2 === 0, outcome };
        }),
      );
      const outcomes = await Promise.all(
        runs.map(async ({ outcome, ...run }) => ({ ...run, outcome: await outcome })),
      );
      await killing;

      const client = await supervisor.client();
      const kept = new Map<string, string>();
      for (const threadId of threads)
        for (const message of await userMessages(client, threadId)) {
          // Nothing is there twice.
          expect(kept.has(message.text) && message.text !== 'hello').toBe(false);
          kept.set(message.text, message.status);
        }
      for (const { input, isKeyed, outcome } of outcomes) {
        expect(timesAsked(provider, input)).toBeLessThanOrEqual(1);
        if (isKeyed) expect(outcome).toBe(kept.get(input));
        else expect(['completed', 'lost']).toContain(outcome);
      }
      const lost = outcomes.filter(({ outcome }) => outcome !== 'completed');
      expect(lost.length).toBeGreaterThanOrEqual(3);
      expect(lost.length).toBeLessThanOrEqual(30);
      expect(supervisor.stats()).toMatchObject({ state: 'living', restarts: 3 });
    },
    MANY_MS,
  );
});

describe('L24 a thread that would spend', () => {
  test.each(['a goal', 'a queued turn'])('with %s is not resumed without consent', async (what) => {
    await using codex = await supervisedCodex();
    const { supervisor, provider } = codex;
    const threadId = await codex.keptThread();
    await supervisor.shutdown();
    {
      await using other = await AsyncClient.start({ ...provider.options, experimentalApi: true });
      if (what === 'a goal') await other.threadGoalSet({ threadId, objective: 'go on', status: 'active' });
      else
        await other.threadQueueAdd({
          threadId,
          clientUserMessageId: 'q',
          input: [{ type: 'text', text: 'q' }],
        });
    }
    const asked = provider.requests.length;
    await using next = AsyncClient.supervise({ ...provider.options });
    const refused = await errorOf(next.turnRun({ threadId, input: 'x' }, { idempotencyKey: 'x' }).result());
    expect(refused).toBeInstanceOf(ResumeWouldSpendError);
    expect(refused).toMatchObject(
      what === 'a goal'
        ? { threadId, goal: { objective: 'go on' }, queued: [] }
        : { threadId, goal: null, queued: [{ clientUserMessageId: 'q' }] },
    );
    // A page can look at it all the same.
    const log = next.thread(threadId).follow();
    expect((await show(log, new Page(), () => true)).turns).toHaveLength(1);
    expect(provider.requests).toHaveLength(asked);

    const silence = gate();
    provider.enqueue([text('as wished', silence)]);
    await next.resume(threadId);
    await silence.reached;
    const page = new Page();
    expect(await show(log, page, (view) => lastSaid(view) === 'as wished')).toMatchObject({ threadId });
    const client = await next.client();
    if (what === 'a goal') await client.threadGoalSet({ threadId, status: 'paused' });
    silence.open();
    await next.turnRun({ threadId, input: 'mine' }).result();
    expect(timesAsked(provider, 'mine')).toBe(1);
  });
});

test('L24 a thread that another process has is busy elsewhere, until that process is gone', async () => {
  await using codex = await supervisedCodex();
  const { supervisor } = codex;
  const threadId = await codex.keptThread();
  await using second = AsyncClient.supervise({ ...codex.provider.options });
  const busy = await errorOf(second.turnRun({ threadId, input: 'x' }).result());
  expect(busy).toBeInstanceOf(ThreadBusyElsewhereError);
  expect(busy).toMatchObject({ threadId });
  await supervisor.shutdown();
  const { finalMessage } = await second.turnRun({ threadId, input: 'now' }).result();
  expect(finalMessage).toContain('now');
});

test('L12 an approval from before a crash is allowed, and there is no such thread: it is stale, and the next one with its id is not answered', async () => {
  await using codex = await supervisedCodex();
  const { supervisor, provider } = codex;
  const cwd = provider.options.codexHome;
  const threadId = await codex.keptThread({ approvalPolicy: 'on-request', cwd });
  const log = supervisor.thread(threadId).follow({ answers: true });
  const page = new Page();
  /** Has the agent ask for something; gives back the request that no one before had the key of. */
  const ask = async (file: string, before?: string) => {
    const command = shellCommand(`echo hi > ${file}`, { escalate: true });
    provider.when({ userText: file }, command, text('ran'));
    const settled = supervisor.turnRun({ threadId, input: file }, { idempotencyKey: file }).result();
    const isNew = ({ key }: { readonly key: string }) => key !== before;
    const { requests } = await show(log, page, (view) => view.requests.some(isNew));
    const request = requests.find(isNew);
    if (request?.method !== 'item/commandExecution/requestApproval') throw new Error('nothing was asked');
    return { settled, request };
  };
  const first = await ask('first.txt');
  await codex.kill();
  expect(await first.settled).toMatchObject({ status: 'interrupted', recovered: true });
  const { value: restart } = await supervisor.restarts().next();
  expect(restart?.lost.approvals).toMatchObject([{ key: first.request.key, threadId }]);
  const second = await ask('second.txt', first.request.key);
  expect(second.request.id).toBe(first.request.id);
  expect(second.request.key).not.toBe(first.request.key);

  const accepted = approve({ kind: 'request', ...first.request });
  expect(await errorOf(supervisor.respondByKey(first.request.key, accepted))).toBeInstanceOf(
    StaleRequestError,
  );
  await supervisor.respondByKey(second.request.key, accepted);
  expect(await second.settled).toMatchObject({ status: 'completed' });
  expect(await readFile(join(cwd, 'second.txt'), 'utf8')).toBe('hi\n');
  expect(await errorOf(readFile(join(cwd, 'first.txt')))).toMatchObject({ code: 'ENOENT' });
});

test('L25 a page sees in place that a server was killed, and goes on with the next one', async () => {
  await using codex = await supervisedCodex();
  const { supervisor, provider } = codex;
  const threadId = await codex.keptThread();
  const log = supervisor.thread(threadId).follow();
  const page = new Page();
  provider.enqueue([text('half ', gate())]);
  const run = supervisor.turnRun({ threadId, input: 'go' }, { idempotencyKey: 'go' });
  const settled = run.result();
  await show(log, page, (view) => lastSaid(view) === 'half ');
  const before = page.lastId;
  await codex.kill();
  const after = await show(log, page, ({ turns }) => turns.at(-1)?.status === 'interrupted');
  expect([page.gaps, page.snapshots]).toEqual([[null], 2]);
  expect(after.turns.map(({ status }) => status)).toEqual(['completed', 'interrupted']);
  expect(await settled).toMatchObject({ status: 'interrupted' });
  await supervisor.turnRun({ threadId, input: 'more' }).result();
  const isAnswered = (view: ThreadView) => lastSaid(view)?.includes('more') === true;
  await show(log, page, isAnswered);
  expect(page.snapshots).toBe(2);
  // One that slept through the restart.
  const late = new Page();
  late.lastId = before;
  await show(log, late, isAnswered);
  expect(late.gaps).toEqual([null]);
});

test('a server that lives and does not answer is ended, and its turns settle', async () => {
  const healthCheck = { everyMs: 100, timeoutMs: 400 };
  await using codex = await supervisedCodex({ healthCheck, shutdownGraceMs: 100 });
  const { supervisor } = codex;
  const threadId = await codex.keptThread();
  const { pid } = await supervisor.client();
  if (pid === undefined) throw new Error('the server has no pid');
  process.kill(pid, 'SIGSTOP');
  const { finalMessage } = await supervisor
    .turnRun({ threadId, input: 'on' }, { idempotencyKey: 'on' })
    .result();
  expect(finalMessage).toContain('on');
  expect(await isRunning(pid)).toBe(false);
  const { value: restart } = await supervisor.restarts().next();
  expect(restart?.cause).toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
});

test('L13 a deploy lets the turn that runs end, and starts none', async () => {
  await using codex = await supervisedCodex();
  const { supervisor, provider } = codex;
  const threadId = await codex.keptThread();
  const silence = gate();
  provider.enqueue([text('half ', silence, 'whole')]);
  const running = supervisor.turnRun({ threadId, input: 'go' }).result();
  const inLine = errorOf(supervisor.turnRun({ threadId, input: 'later' }).result());
  await silence.reached;
  const over = supervisor.shutdown({ drainMs: 60_000 });
  expect(await inLine).toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
  expect(await errorOf(supervisor.turnRun({ threadId, input: 'new' }).result())).toMatchObject({
    code: 'CODEX_SERVER_CLOSED',
  });
  silence.open();
  expect(await running).toMatchObject({ status: 'completed', finalMessage: 'half whole' });
  await over;
  expect(timesAsked(provider, 'later') + timesAsked(provider, 'new')).toBe(0);
});
