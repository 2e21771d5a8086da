/** Work that outlives a connection: a running codex, whose connection is cut, or which is itself killed and started anew. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AsyncClient, approve, type ConnectTarget, type Supervisor } from 'codex-async-client';
import { gate, shellCommand, text } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { Page } from '../runs/follow/page.js';
import { ListeningCodex } from './listening-codex.js';
import { Relay } from './relay.js';
import { show } from './show-page.js';
import { errorOf, keptThread, timesAsked, userMessages } from './supervised-codex.js';

/** A supervised connection, and how it is cut. */
interface Way extends AsyncDisposable {
  readonly codex: ListeningCodex;
  readonly supervisor: Supervisor;
  cut(): Promise<void>;
}

/** How the server is reached. */
const WAYS: [string, () => Promise<Way>][] = [
  ['its socket', () => overRelay('socket')],
  ['its port', () => overRelay('port')],
  ['a proxy', overProxy],
];

const RESTART = { maxRestarts: Number.POSITIVE_INFINITY };

async function overRelay(where: 'socket' | 'port'): Promise<Way> {
  const codex = await ListeningCodex.start(where);
  const relay = await Relay.to(codex);
  return way(codex, relay.target, async () => relay.cut(), relay);
}

async function overProxy(): Promise<Way> {
  const codex = await ListeningCodex.start();
  const target = { proxy: [codex.codexPath, 'app-server', 'proxy', '--sock', codex.socketPath] };
  const made = way(codex, target, async () => {
    const { pid } = await made.supervisor.client();
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  });
  return made;
}

function way(
  codex: ListeningCodex,
  connect: ConnectTarget,
  cut: () => Promise<void>,
  relay?: AsyncDisposable,
): Way {
  // The proxy of codex does not tell before something is written: it takes a ping.
  const supervisor = AsyncClient.supervise({ connect, restart: RESTART, pingIntervalMs: 100 });
  return {
    codex,
    supervisor,
    cut,
    [Symbol.asyncDispose]: async () => {
      await supervisor.shutdown();
      await relay?.[Symbol.asyncDispose]();
      await codex[Symbol.asyncDispose]();
    },
  };
}

describe.each(WAYS)('L24 over %s', (_, open) => {
  test('a turn with a key goes on when the connection is cut, and its result is whole', async () => {
    await using way = await open();
    const { supervisor, codex } = way;
    const { provider } = codex;
    const threadId = await keptThread(supervisor);
    const silence = gate();
    provider.enqueue([text('half ', silence, 'whole')]);
    const run = supervisor.turnRun({ threadId, input: 'go' }, { idempotencyKey: 'go' });
    const settled = run.result();
    await silence.reached;
    await way.cut();
    const { value: restart } = await supervisor.restarts().next();
    expect(restart?.lost).toEqual({ turns: [], approvals: [], threads: [], partialText: [] });
    silence.open();
    expect(await settled).toMatchObject({ status: 'completed', finalMessage: 'half whole' });
    expect(timesAsked(provider, 'go')).toBe(1);
    const { finalMessage } = await supervisor.turnRun({ threadId, input: 'next' }).result();
    expect(finalMessage).toContain('next');
  });

  test('a cut right after the turn was sent does not send it twice', async () => {
    await using way = await open();
    const { supervisor, codex } = way;
    const threadId = await keptThread(supervisor);
    const client = await supervisor.client();
    const sent = client.wire();
    const run = supervisor.turnRun({ threadId, input: 'go' }, { idempotencyKey: 'go' });
    const settled = run.result();
    for await (const line of sent) if ('text' in line && line.text.includes('"turn/start"')) break;
    await way.cut();
    expect(await settled).toMatchObject({ status: 'completed' });
    expect(timesAsked(codex.provider, 'go')).toBe(1);
    const messages = await userMessages(await supervisor.client(), threadId);
    expect(messages.filter(({ key }) => key === 'go')).toHaveLength(1);
  });

  test('a server that is killed and started anew has the turn as interrupted, and answers the next one', async () => {
    await using way = await open();
    const { supervisor, codex } = way;
    const threadId = await keptThread(supervisor);
    const client = await supervisor.client();
    codex.provider.enqueue([text('half ', gate())]);
    const run = supervisor.turnRun({ threadId, input: 'go' }, { idempotencyKey: 'go' });
    const settled = run.result();
    await client.tap({ threadId, methods: ['item/agentMessage/delta'] }).next();
    await codex.restart();
    expect(await settled).toMatchObject({ status: 'interrupted', recovered: true });
    const { finalMessage } = await supervisor.turnRun({ threadId, input: 'next' }).result();
    expect(finalMessage).toContain('next');
    for await (const { lost } of supervisor.restarts()) {
      expect(lost.turns).toEqual([{ threadId, turnId: run.turnId }]);
      expect(lost.partialText).toMatchObject([{ threadId, text: 'half ' }]);
      break;
    }
  });
});

test('L12 a replayed approval is answered twice: not here, its key from before the cut answers it, once', async () => {
  await using way = await overRelay('socket');
  const { supervisor, codex } = way;
  const cwd = codex.provider.options.codexHome;
  const threadId = await keptThread(supervisor, { approvalPolicy: 'on-request', cwd });
  const log = supervisor.thread(threadId).follow({ answers: true });
  codex.provider.enqueue(shellCommand('echo hi >> out.txt', { escalate: true }), text('ran'));
  const settled = supervisor.turnRun({ threadId, input: 'go' }, { idempotencyKey: 'go' }).result();
  const page = new Page();
  const { requests } = await show(log, page, (view) => view.requests.length > 0);
  const [old] = requests;
  if (old?.method !== 'item/commandExecution/requestApproval') throw new Error('something else was asked');
  await way.cut();
  const { value: restart } = await supervisor.restarts().next();
  expect(restart?.lost.approvals).toEqual([]);

  const accepted = approve({ kind: 'request', ...old });
  // The follower resumes the thread, and the server asks again.
  const anew = await show(log, page, (view) => view.requests.some(({ key }) => key !== old.key));
  expect(anew.requests.map(({ id }) => id)).toEqual([old.id]);
  await supervisor.respondByKey(old.key, accepted);
  expect(await errorOf(supervisor.respondByKey(old.key, accepted))).toMatchObject({
    code: expect.stringMatching(/^CODEX_(ALREADY_RESPONDED|STALE_REQUEST)$/),
  });
  expect(await settled).toMatchObject({ status: 'completed' });
  expect(await readFile(join(cwd, 'out.txt'), 'utf8')).toBe('hi\n');
});

test('L12 the key of a server that was killed does not answer what the next one at its socket asks under the same id', async () => {
  await using way = await overRelay('socket');
  const { supervisor, codex } = way;
  const cwd = codex.provider.options.codexHome;
  const threadId = await keptThread(supervisor, { approvalPolicy: 'on-request', cwd });
  const log = supervisor.thread(threadId).follow({ answers: true });
  const page = new Page();
  /** Has the agent ask for something; gives back the request, which has another key than the one before. */
  const ask = async (file: string, before?: string) => {
    const command = shellCommand(`echo hi > ${file}`, { escalate: true });
    codex.provider.when({ userText: file }, command, text('ran'));
    const settled = supervisor.turnRun({ threadId, input: file }, { idempotencyKey: file }).result();
    const isNew = ({ key }: { readonly key: string }) => key !== before;
    const request = (await show(log, page, (view) => view.requests.some(isNew))).requests.find(isNew);
    if (request?.method !== 'item/commandExecution/requestApproval') throw new Error('nothing was asked');
    return { settled, request };
  };
  const first = await ask('first.txt');
  await codex.restart();
  expect(await first.settled).toMatchObject({ status: 'interrupted' });
  const second = await ask('second.txt', first.request.key);
  expect(second.request.id).toBe(first.request.id);
  const accepted = approve({ kind: 'request', ...first.request });
  expect(await errorOf(supervisor.respondByKey(first.request.key, accepted))).toMatchObject({
    code: 'CODEX_STALE_REQUEST',
  });
  await supervisor.respondByKey(second.request.key, accepted);
  expect(await second.settled).toMatchObject({ status: 'completed' });
  expect(await errorOf(readFile(join(cwd, 'first.txt')))).toMatchObject({ code: 'ENOENT' });
  expect(await readFile(join(cwd, 'second.txt'), 'utf8')).toBe('hi\n');
});

test('two supervisors of one server: the cut of one is nothing to the other, and nothing is done twice', async () => {
  await using way = await overRelay('socket');
  const { codex, supervisor } = way;
  await using other = AsyncClient.supervise({ connect: { socketPath: codex.socketPath }, restart: RESTART });
  const mine = await Promise.all([keptThread(supervisor), keptThread(supervisor), keptThread(supervisor)]);
  const theirs = await Promise.all([keptThread(other), keptThread(other), keptThread(other)]);
  const turnsOf = (one: Supervisor, threads: readonly string[], who: string) =>
    threads.flatMap((threadId, user) =>
      Array.from({ length: 5 }, (_, turn) => {
        const input = `${who} ${user} ${turn}`;
        return one.turnRun({ threadId, input }, { idempotencyKey: input }).result();
      }),
    );
  const settled = Promise.all([...turnsOf(supervisor, mine, 'me'), ...turnsOf(other, theirs, 'they')]);
  for (let cut = 0; cut < 3; cut += 1) {
    await supervisor.client();
    await codex.provider.nextRequest();
    await way.cut();
  }
  const statuses = (await settled).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set(['completed']));
  expect(other.stats().restarts).toBe(0);
  const asked = codex.provider.requests.map(({ userText }) => userText).filter((said) => said !== 'hello');
  expect(asked).toHaveLength(30);
  expect(new Set(asked).size).toBe(30);
});
