/** A followed thread of a real codex: pages that come in the middle, lose their connection, and are asked. */
import { AsyncClient, approve, ServerClosedError, type ServerRequest } from 'codex-async-client';
import { commentary, echo, gate, LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { type ThreadView, viewOfThread } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import { Page } from '../runs/follow/page.js';
import { codexWithModel } from './codex-with-model.js';
import { show } from './show-page.js';

const said = (view: ThreadView) =>
  view.turns.flatMap(({ items }) =>
    items.flatMap((item) => (item.type === 'agentMessage' ? [item.text] : [])),
  );
const isOver = ({ turns }: ThreadView) => turns.at(-1)?.status === 'completed';

/** The view without what the server does not keep. */
const kept = ({ turns }: ThreadView) => turns.map((turn) => ({ ...turn, usage: null }));

describe('L25 a page of a real thread', () => {
  test('a page that reloads in mid-answer has lost the text so far: not here, it goes on where it was', async () => {
    await using codex = await codexWithModel();
    const threadId = await codex.newThread();
    const log = codex.client.thread(threadId).follow();
    const mayGoOn = gate();
    codex.provider.enqueue([commentary('Looking.'), text('Hel', 'lo, ', mayGoOn, 'world', '!')]);
    const [page, late] = [new Page(), new Page()];
    const answer = codex.client.turnRun({ threadId, input: 'go' }).result();

    await show(log, page, (view) => said(view).includes('Hello, '));
    // One that comes now has the half that the server has nowhere.
    await show(log, late, (view) => said(view).includes('Hello, '));
    mayGoOn.open();
    expect((await answer).finalMessage).toBe('Hello, world!');
    const views = [await show(log, page, isOver), await show(log, late, isOver)];

    expect([page.snapshots, late.snapshots, page.gaps]).toEqual([1, 1, []]);
    const { thread } = await codex.client.threadRead({ threadId, includeTurns: true });
    for (const view of views) expect(kept(view)).toStrictEqual(kept(viewOfThread(thread)));
  });

  test('that was let go and is resumed is shown as it is then, and goes on', async () => {
    await using codex = await codexWithModel();
    const { client } = codex;
    const threadId = await codex.newThread();
    const log = client.thread(threadId).follow();
    await client.turnRun({ threadId, input: 'before' }).result();
    const page = new Page();
    await show(log, page, isOver);
    await client.threadArchive({ threadId });
    await client.threadUnarchive({ threadId });
    await client.threadResume({ threadId });
    // Once when it is loaded, and once more when this client is told what happens in it, where those are not one.
    const resumed = await show(log, page, () => page.gaps.length > 0 && page.snapshots > page.gaps.length);
    expect(said(resumed)).toEqual(['Echo: before']);
    const { finalMessage } = await client.turnRun({ threadId, input: 'after' }).result();
    const view = await show(log, page, (shown) => shown.turns.length === 2 && isOver(shown));
    expect([finalMessage, said(view)]).toEqual(['Echo: after', ['Echo: before', 'Echo: after']]);
    expect(new Set(page.gaps)).toEqual(new Set([null]));
  });

  test('that is followed over two servers, the first of which is killed in mid-answer, is shown as each has it', async () => {
    await using provider = await LocalModelProvider.start({ defaultReply: echo() });
    await using supervisor = AsyncClient.supervise({ ...provider.options });
    const client = await supervisor.client();
    const threadId = (await client.threadStart({})).thread.id;
    const log = supervisor.thread(threadId).follow();
    await client.turnRun({ threadId, input: 'before' }).result();
    const mayGoOn = gate();
    provider.enqueue([text('Half a sen', mayGoOn, 'tence')]);
    const caught = supervisor.turnRun({ threadId, input: 'go' }).result();
    const page = new Page();
    await show(log, page, (view) => said(view).includes('Half a sen'));
    process.kill(client.pid as number, 'SIGKILL');
    await expect(caught).rejects.toThrow(ServerClosedError);
    mayGoOn.open();

    const view = await show(log, page, () => page.gaps.length > 0 && page.snapshots > page.gaps.length);
    expect([view.turns.map(({ status }) => status), said(view)]).toEqual([
      ['completed', 'interrupted'],
      ['Echo: before'],
    ]);
    await supervisor.turnRun({ threadId, input: 'after' }).result();
    const after = await show(log, page, (shown) => shown.turns.length === 3 && isOver(shown));
    expect(said(after)).toEqual(['Echo: before', 'Echo: after']);
    expect(page.gaps).toEqual([null]);
  });

  test('has the turns from before it was followed, and those of an ephemeral thread from then on', async () => {
    await using codex = await codexWithModel();
    const threadId = await codex.newThread();
    await codex.client.turnRun({ threadId, input: 'before' }).result();
    const log = codex.client.thread(threadId).follow();
    const before = await show(log, new Page(), () => true);
    const { thread } = await codex.client.threadRead({ threadId, includeTurns: true });
    expect(before.turns).toStrictEqual(viewOfThread(thread).turns);
    expect(before.turns).toHaveLength(1);

    const ephemeralId = await codex.newThread({ ephemeral: true });
    const ofEphemeral = codex.client.thread(ephemeralId).follow();
    await codex.client.turnRun({ threadId: ephemeralId, input: 'now' }).result();
    expect((await show(ofEphemeral, new Page(), isOver)).turns).toHaveLength(1);
  });

  test('is asked in a turn that result() drives, and again after a reload; one answer is enough', async () => {
    await using codex = await codexWithModel();
    const threadId = await codex.newThread({ approvalPolicy: 'on-request', sandbox: 'read-only' });
    const log = codex.client.thread(threadId).follow({ answers: true });
    codex.provider.enqueue(shellCommand('echo one; echo two', { escalate: true }), text('ran'));
    const answer = codex.client.turnRun({ threadId, input: 'go' }).result();

    const page = new Page();
    await show(log, page, ({ requests }) => requests.length > 0);
    const reloaded = await show(log, new Page(), () => true);
    expect(reloaded.requests.map(({ key }) => key)).toEqual(page.view?.requests.map(({ key }) => key));
    const [request] = reloaded.requests;
    if (request?.method !== 'item/commandExecution/requestApproval') throw new Error('nothing was asked');
    const asked: ServerRequest = { kind: 'request', ...request };
    await codex.client.respondById(request.id, approve(asked));

    const { items } = await answer;
    expect(items).toContainEqual(expect.objectContaining({ type: 'commandExecution', exitCode: 0 }));
    expect((await show(log, page, isOver)).requests).toEqual([]);
  });

  test('of a thread that the server does not know is told so', async () => {
    await using codex = await codexWithModel();
    const log = codex.client.thread('019ab000-0000-7000-8000-000000000000').follow();
    await expect(log.read().next()).rejects.toMatchObject({
      code: 'CODEX_RPC',
      message: expect.stringContaining('thread not loaded'),
    });
  });
});
