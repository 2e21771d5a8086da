/** Turns of the real server that no run started, adopted in their middle; and reviews. */
import { type Gate, gate, shellCommand, text } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { collected, methodsOf } from '../runs/played-server.js';
import { type CodexWithModel, codexWithModel } from './codex-with-model.js';

const REVIEW = { type: 'custom', instructions: 'Look at all of it.' } as const;

/** A turn with a command and two messages, started by hand, that waits in the middle of the last message. */
async function startedTurn(codex: CodexWithModel, middle: Gate) {
  codex.provider.enqueue(shellCommand('echo hi'), [text('First. '), text('one ', middle, 'two')]);
  const threadId = await codex.newThread();
  const { turn } = await codex.client.turnStart({ threadId, input: 'go' });
  return { threadId, turnId: turn.id };
}

const typesOf = (items: readonly { readonly type: string }[]) => items.map(({ type }) => type);
const WHOLE = ['userMessage', 'commandExecution', 'agentMessage', 'agentMessage'];

/** Reads the main stream until it has a delta of the last message. */
async function readToTheMiddle({ client }: CodexWithModel): Promise<void> {
  for await (const message of client.events())
    if (message.method === 'item/agentMessage/delta' && message.params.delta === 'one ') return;
}

/** Reads so many messages of a thread off the main stream; true when its turn is over by then. */
async function readMessages({ client }: CodexWithModel, threadId: string, count: number): Promise<boolean> {
  let left = count;
  if (left === 0) return false;
  for await (const message of client.events()) {
    if (Object(message.params).threadId !== threadId) continue;
    left -= 1;
    if (message.method === 'turn/completed') return true;
    if (left === 0) return false;
  }
  return false;
}

/** The ids of all items of the next turn, as they are told. */
async function completedItems({ client }: CodexWithModel): Promise<string[]> {
  const ids: string[] = [];
  for await (const message of client.tap()) {
    if (message.kind === 'gap') continue;
    if (message.method === 'item/completed') ids.push(message.params.item.id);
    if (message.method === 'turn/completed') break;
  }
  return ids;
}

describe('a turn that was started by hand', () => {
  test('L1 is adopted in its middle: text() has the rest, the result has all items', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    const name = await startedTurn(codex, middle);
    await readToTheMiddle(codex);
    const run = codex.client.turn(name);
    const pieces = collected(run.text());
    await codex.client.threadRead({ threadId: name.threadId });
    middle.open();
    expect((await pieces).join('')).toBe('two');
    const { items, agentMessages, finalMessage, status, usage, recovered, joined } = await run.result();
    expect(typesOf(items)).toEqual(WHOLE);
    expect(agentMessages.map((message) => message.text)).toEqual(['First. ', 'one two']);
    expect({ finalMessage, status, recovered, joined }).toEqual({
      finalMessage: 'one two',
      status: 'completed',
      recovered: false,
      joined: true,
    });
    expect(usage?.last.totalTokens).toBeGreaterThan(0);
  });

  test('L1 is adopted at any message of it, and has the same items as one who saw all', async () => {
    await using codex = await codexWithModel();
    for (let count = 0, isOver = false; !isOver; count += 3) {
      const open = gate();
      open.open();
      // Open before the turn begins, so that it has all of it.
      const all = completedItems(codex);
      const name = await startedTurn(codex, open);
      isOver = await readMessages(codex, name.threadId, count);
      const { items, status } = await codex.client.turn(name).result();
      expect([count, status, typesOf(items)]).toEqual([count, 'completed', WHOLE]);
      expect(items.map(({ id }) => id)).toEqual(await all);
    }
  });

  test('is over: the result is what the server has', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    middle.open();
    const name = await startedTurn(codex, middle);
    for await (const message of codex.client.events()) if (message.method === 'turn/completed') break;
    const { items, finalMessage, status, recovered, diff, usage } = await codex.client.turn(name).result();
    expect(typesOf(items)).toEqual(WHOLE);
    expect({ finalMessage, status, recovered, diff, usage }).toEqual({
      finalMessage: 'one two',
      status: 'completed',
      recovered: true,
      diff: undefined,
      usage: undefined,
    });
  });

  test('L14 is waited for by the next run of the thread', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    const name = await startedTurn(codex, middle);
    await middle.reached;
    const adopted = codex.client.turn(name);
    const next = codex.client.turnRun({ threadId: name.threadId, input: 'next' });
    const both = Promise.all([adopted.result(), next.result()]);
    middle.open();
    const [first, second] = await both;
    expect([first.finalMessage, second.finalMessage, second.joined]).toEqual([
      'one two',
      'Echo: next',
      false,
    ]);
  });

  test('L11 is interrupted by interrupt(), and not by leaving', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    const name = await startedTurn(codex, middle);
    await middle.reached;
    const left = codex.client.turn(name);
    await left.return();
    const run = codex.client.turn(name);
    const result = run.result();
    await run.interrupt();
    expect((await result).status).toBe('interrupted');
    expect((await left.result()).status).toBe('interrupted');
    middle.open();
  });

  test('takes more input', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    const name = await startedTurn(codex, middle);
    await middle.reached;
    const run = codex.client.turn(name);
    const result = run.result();
    expect(await run.steer('more')).toEqual({ turnId: name.turnId });
    middle.open();
    expect((await result).finalMessage).toBe('Echo: more');
  });

  test('L15 of a thread that this client does not hear is recovered when the thread is at rest', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    const name = await startedTurn(codex, middle);
    await middle.reached;
    await codex.client.threadUnsubscribe({ threadId: name.threadId });
    const result = codex.client.turn(name).result();
    await codex.client.threadRead({ threadId: name.threadId });
    middle.open();
    const { recovered, finalMessage, items } = await result;
    expect({ recovered, finalMessage }).toEqual({ recovered: true, finalMessage: 'one two' });
    expect(typesOf(items)).toEqual(WHOLE);
  });

  test('of an ephemeral thread has what comes', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.enqueue(text('one ', middle, 'two'));
    const threadId = await codex.newThread({ ephemeral: true });
    const { turn } = await codex.client.turnStart({ threadId, input: 'go' });
    await readToTheMiddle(codex);
    const result = codex.client.turn({ threadId, turnId: turn.id }).result();
    middle.open();
    expect(await result).toMatchObject({ status: 'completed', finalMessage: 'one two', recovered: false });
  });

  test('of a thread of the old history has each item once, although they are numbered anew', async () => {
    await using codex = await codexWithModel({ experimentalApi: true });
    const [open, middle] = [gate(), gate()];
    codex.provider.enqueue([text('First. '), open, text('one ', middle, 'two')]);
    const threadId = await codex.newThread({ historyMode: 'legacy' });
    const { turn } = await codex.client.turnStart({ threadId, input: 'go' });
    await open.reached;
    // What is unread on the main stream is told by the server, too.
    const result = codex.client.turn({ threadId, turnId: turn.id }).result();
    await codex.client.threadRead({ threadId });
    open.open();
    middle.open();
    const { items, agentMessages } = await result;
    expect(typesOf(items)).toEqual(['userMessage', 'agentMessage', 'agentMessage']);
    expect(agentMessages.map((message) => message.text)).toEqual(['First. ', 'one two']);
  });

  test('begins its snapshots with what the server has of the thread', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    const name = await startedTurn(codex, middle);
    await readToTheMiddle(codex);
    const snapshots = codex.client.turn(name).snapshots();
    const { value: first } = await snapshots.next();
    expect(typesOf(first?.turns[0]?.items ?? [])).toEqual(WHOLE.slice(0, 3));
    middle.open();
    const last = (await collected(snapshots)).at(-1);
    expect(last?.turns.map(({ id, status }) => ({ id, status }))).toEqual([
      { id: name.turnId, status: 'completed' },
    ]);
    expect(last?.turns[0]?.items.at(-1)).toMatchObject({ text: 'one two', state: 'completed' });
  });
});

describe('a turn that is not there', () => {
  test('is a TurnNotFoundError', async () => {
    await using codex = await codexWithModel();
    const name = { threadId: await codex.newThread(), turnId: '01a20001-bbed-7b21-9e93-15df56bb25c1' };
    await expect(codex.client.turn(name).result()).rejects.toMatchObject({
      code: 'CODEX_TURN_NOT_FOUND',
      ...name,
    });
  });

  test('because its thread is not loaded is what the server says', async () => {
    await using codex = await codexWithModel();
    const name = {
      threadId: '01a20001-bbed-7b21-9e93-15df56bb25c1',
      turnId: '01a20001-bbed-7b21-9e93-15df56bb25c2',
    };
    await expect(codex.client.turn(name).result()).rejects.toThrow(/thread not loaded.*threadResume/);
  });
});

describe('a review', () => {
  test('has its text for a final message, and the turn after it waits', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(shellCommand('echo hi'), text('All is well.'));
    const threadId = await codex.newThread();
    const run = codex.client.reviewRun({ threadId, target: REVIEW });
    const next = codex.client.turnRun({ threadId, input: 'next' }).result();
    const methods = await methodsOf(run);
    expect(methods).toContain('turn/started');
    expect(methods.at(-1)).toBe('turn/completed');
    const { finalMessage, items, status, joined, raw } = await run.result();
    expect({ finalMessage, status, joined }).toEqual({
      finalMessage: 'All is well.',
      status: 'completed',
      joined: false,
    });
    expect(typesOf(items)).toEqual([
      'enteredReviewMode',
      'userMessage',
      'commandExecution',
      'exitedReviewMode',
      'agentMessage',
    ]);
    expect(raw.turn.id).toBe(run.turnId);
    expect((await next).finalMessage).toBe('Echo: next');
    const again = await codex.client.turn({ threadId, turnId: raw.turn.id }).result();
    expect(again).toMatchObject({ recovered: true, status: 'completed', finalMessage: 'All is well.' });
    expect(again.items.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  });

  test('L14 waits for the turn of its thread, which it would end', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.enqueue(text('one ', middle, 'two'), text('All is well.'));
    const threadId = await codex.newThread();
    const turn = codex.client.turnRun({ threadId, input: 'go' });
    const first = turn.result();
    const review = codex.client.reviewRun({ threadId, target: REVIEW }).result();
    await middle.reached;
    middle.open();
    expect([(await first).status, (await review).finalMessage]).toEqual(['completed', 'All is well.']);
  });

  test('L11 is interrupted when it is left', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.enqueue(text('one ', middle, 'two'));
    const threadId = await codex.newThread();
    const run = codex.client.reviewRun({ threadId, target: REVIEW });
    await run.started();
    await middle.reached;
    await run.return();
    expect((await run.result()).status).toBe('interrupted');
    middle.open();
    expect((await codex.client.turnRun({ threadId, input: 'next' }).result()).finalMessage).toBe(
      'Echo: next',
    );
  });

  test('that was started by hand is adopted, and keeps its thread busy', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.enqueue(text('one ', middle, 'two'));
    const threadId = await codex.newThread();
    const { turn } = await codex.client.reviewStart({ threadId, target: REVIEW });
    const next = codex.client.turnRun({ threadId, input: 'next' }).result();
    await middle.reached;
    const run = codex.client.turn({ threadId, turnId: turn.id });
    const messages = methodsOf(run);
    middle.open();
    expect((await messages).at(-1)).toBe('turn/completed');
    expect((await run.result()).finalMessage).toBe('one two');
    expect((await next).finalMessage).toBe('Echo: next');
  });

  test('cannot be steered, which the server says', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.enqueue(text('one ', middle, 'two'));
    const run = codex.client.reviewRun({ threadId: await codex.newThread(), target: REVIEW });
    const result = run.result();
    await middle.reached;
    await expect(run.steer('more')).rejects.toThrow('cannot steer a review turn');
    await run.interrupt();
    expect((await result).status).toBe('interrupted');
    middle.open();
  });
});

describe('a review that is found on the thread, by whichever id,', () => {
  test.each(['that of the review', 'that of the turn within it'])('is adopted: %s', async (which) => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.enqueue([text('one ', middle, 'two')]);
    const threadId = await codex.newThread();
    const { turn } = await codex.client.reviewStart({ threadId, target: REVIEW });
    await middle.reached;
    for await (const message of codex.client.events({ threadId }))
      if (message.method === 'item/started' && message.params.item.type === 'agentMessage') break;
    const { thread } = await codex.client.threadRead({ threadId, includeTurns: true });
    const within = thread.turns.at(-1)?.id ?? '';
    const run = codex.client.turn({ threadId, turnId: which === 'that of the review' ? turn.id : within });
    const result = run.result();
    await codex.client.threadRead({ threadId });
    middle.open();
    expect(await result).toMatchObject({ status: 'completed', finalMessage: 'one two', recovered: false });
    expect(run.turnId).toBe(turn.id);
    const again = await codex.client.turn({ threadId, turnId: within }).result();
    expect(again).toMatchObject({ status: 'completed', finalMessage: 'one two', recovered: true });
    expect((await codex.client.turnRun({ threadId, input: 'next' }).result()).finalMessage).toBe(
      'Echo: next',
    );
  });

  test('is interrupted by interrupt(), although its beginning was not heard', async () => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.enqueue([text('one ', middle, 'two')]);
    const threadId = await codex.newThread();
    const { turn } = await codex.client.reviewStart({ threadId, target: REVIEW });
    await middle.reached;
    for await (const message of codex.client.events({ threadId }))
      if (message.method === 'item/started' && message.params.item.type === 'agentMessage') break;
    const run = codex.client.turn({ threadId, turnId: turn.id });
    const result = run.result();
    await run.interrupt();
    expect((await result).status).toBe('interrupted');
    middle.open();
  });
});
