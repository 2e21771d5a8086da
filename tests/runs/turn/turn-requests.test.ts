/** L16 and L17: who answers the server's requests during a run. */
import type { ServerMessage, ServerRequest, TurnRun } from 'codex-async-client';
import { approve, deny, StaleRequestError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { collected, methodsOf, PlayedServer, type PlayedTurn, turnOf } from '../played-server.js';

const REFUSAL = { error: { code: -32601, message: expect.stringMatching(/^nobody answers \w+\/.+ here$/) } };

/** Words that would grant something. */
const YES =
  /"(accept|approved|acceptForSession|approved_for_session|allow)|"success":true|"network":|"fileSystem":/;

/** Every method that a run meets, with how it is refused while nobody answers. */
const DENIALS: readonly (readonly [string, object, object])[] = [
  ['item/commandExecution/requestApproval', {}, { result: { decision: 'decline' } }],
  ['item/fileChange/requestApproval', {}, { result: { decision: 'decline' } }],
  ['item/permissions/requestApproval', { permissions: {} }, { result: { permissions: {}, scope: 'turn' } }],
  ['item/tool/requestUserInput', { questions: [] }, { result: { answers: {} } }],
  ['item/tool/call', { tool: 'x' }, { result: { success: false } }],
  ['mcpServer/elicitation/request', { mode: 'form' }, { result: { action: 'decline' } }],
  ['applyPatchApproval', { conversationId: 't' }, { result: { decision: { denied: {} } } }],
  ['execCommandApproval', { conversationId: 't' }, { result: { decision: { denied: {} } } }],
  ['attestation/generate', {}, REFUSAL],
  ['some/newer/request', {}, REFUSAL],
];

describe('fail closed: while result() drives and nobody iterates', () => {
  test.each(DENIALS)(
    'L16 approvals are accepted by default: not here, %s with %j is refused, and the turn goes on',
    async (method, params, refusal) => {
      await using server = new PlayedServer();
      const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
      const turn = (await server.turn()).accept().started().ask(0, method, params);
      expect(await server.answerTo(0)).toMatchObject(refusal);
      turn.complete();
      expect((await result).status).toBe('completed');
    },
  );

  test('L16 availableDecisions are ignored: the denial lets the agent go on, though only `cancel` is offered', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'go' }).result();
    const turn = (await server.turn()).accept().started();
    turn.ask(0, 'item/commandExecution/requestApproval', { availableDecisions: ['accept', 'cancel'] });
    expect(await server.answerTo(0)).toMatchObject({ result: { decision: 'decline' } });
    turn.complete();
    expect((await result).status).toBe('completed');
  });

  test('L16 nothing is approved by default: a run that nobody iterates grants nothing, whatever is asked', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'go' }).result();
    const turn = (await server.turn()).accept().started();
    const permissions = { network: { enabled: true }, fileSystem: { write: ['/'] } };
    const methods = new Set(DENIALS.map(([method]) => method));
    for (const [id, method] of [...methods, 'account/chatgptAuthTokens/refresh'].entries()) {
      turn.ask(id, method, { permissions, mode: 'url' });
      expect(JSON.stringify(await server.answerTo(id)), method).not.toMatch(YES);
    }
    turn.complete();
    await result;
  });

  test('L16 text() refuses as well', async () => {
    await using server = new PlayedServer();
    const pieces = collected(server.client.turnRun({ threadId: 't', input: 'x' }).text());
    const turn = (await server.turn()).accept().started().ask('a');
    expect(await server.answerTo('a')).toMatchObject({ result: { decision: 'decline' } });
    turn.say('went on').complete();
    expect(await pieces).toEqual(['went on']);
  });

  test('L16 a request that was asked before result() was called is refused then', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started().ask(0);
    await server.piped.quiet();
    expect(server.client.stats().requests.unansweredByUs).toBe(1);
    const result = run.result();
    expect(await server.answerTo(0)).toMatchObject({ result: { decision: 'decline' } });
    turn.complete();
    await result;
  });

  test('L16 a request that went stale meanwhile is not answered', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started().ask(0);
    turn.send('serverRequest/resolved', { requestId: 0 });
    await server.piped.quiet();
    const result = run.result();
    turn.complete();
    await result;
    expect(server.piped.received.filter(({ id, method }) => id === 0 && method === undefined)).toEqual([]);
  });

  test('L16 result() refuses again after it failed for want of room', async () => {
    await using server = new PlayedServer({ buffer: { maxBytes: 2_000 } });
    const events = server.client.events();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const noRoom = run.result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    server.piped.send({ method: 'x/large', params: { text: 'x'.repeat(3_000) } });
    await expect(noRoom).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
    await events.next();
    const result = run.result();
    turn.ask(7);
    expect(await server.answerTo(7)).toMatchObject({ result: { decision: 'decline' } });
    turn.complete();
    expect((await result).status).toBe('completed');
  });
});

describe('fail closed: requests that the turn waits for, of no thread and of its sub-agents', () => {
  const NO_THREAD = { threadId: undefined, turnId: undefined, itemId: undefined };
  const OF_CHILD = { threadId: 'child', turnId: 'child 1' };
  const TOKENS = 'account/chatgptAuthTokens/refresh';
  const COMMAND = 'item/commandExecution/requestApproval';
  const childOf = (parent: PlayedTurn) => {
    const child = { id: 'child', parentThreadId: parent.threadId };
    parent.send('thread/started', { threadId: undefined, thread: child });
  };

  test.each([
    ['result()', (run: TurnRun) => run.result()],
    ['text()', (run: TurnRun) => collected(run.text())],
  ])('L16 %s refuses them at once, and never those of another thread', async (_, drive) => {
    await using server = new PlayedServer();
    const end = drive(server.client.turnRun({ threadId: 't', input: 'x' }));
    const turn = (await server.turn()).accept().started();
    turn.ask(1, TOKENS, NO_THREAD);
    expect(await server.answerTo(1)).toMatchObject(REFUSAL);
    childOf(turn);
    turn.ask(2, COMMAND, { ...OF_CHILD, availableDecisions: ['accept', 'cancel'] });
    expect(await server.answerTo(2)).toMatchObject({ result: { decision: 'decline' } });
    turn.ask(3, 'some/newer/request', OF_CHILD);
    expect(await server.answerTo(3)).toMatchObject(REFUSAL);
    turn.ask(4, COMMAND, { threadId: 'stranger', turnId: 'stranger 1' }).complete();
    await end;
    expect(server.client.stats().requests.unansweredByUs).toBe(1);
    expect(await server.client.nextMessage()).toMatchObject({ method: 'thread/started' });
    expect(await server.client.nextMessage()).toMatchObject({ kind: 'request', id: 4 });
  });

  test('L16 those that were asked before result() was called are refused then', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started();
    childOf(turn);
    turn.ask(1, TOKENS, NO_THREAD).ask(2, COMMAND, OF_CHILD);
    await server.piped.quiet();
    expect(server.client.stats().requests.unansweredByUs).toBe(2);
    const result = run.result();
    await Promise.all([server.answerTo(1), server.answerTo(2)]);
    turn.complete();
    await result;
  });

  test('L16 somebody who reads the main stream is asked instead, until it is left', async () => {
    await using server = new PlayedServer();
    const events = server.client.events();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const turn = (await server.turn()).accept().started();
    childOf(turn);
    turn.ask(1, TOKENS, NO_THREAD).ask(2, COMMAND, OF_CHILD).ask(3, TOKENS, NO_THREAD);
    expect((await events.next()).value).toMatchObject({ method: 'thread/started' });
    const { value: asked } = await events.next();
    if (asked?.kind !== 'request') throw new Error('the main stream was to be asked');
    await server.client.respondError(asked, -1, 'by hand');
    expect(await server.answerTo(1)).toMatchObject({ error: { code: -1 } });
    await events.return();
    expect(await server.answerTo(2)).toMatchObject({ result: { decision: 'decline' } });
    expect(await server.answerTo(3)).toMatchObject(REFUSAL);
    turn.complete();
    await result;
  });

  test('L16 a stream of the method is asked instead, and so is a loop over the run about its sub-agents', async () => {
    await using server = new PlayedServer();
    const tokens = server.client.events({ kind: 'request' });
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const turn = (await server.turn()).accept().started().ask(1, TOKENS, NO_THREAD);
    expect((await tokens.next()).value).toMatchObject({ id: 1 });
    await tokens.return();
    turn.complete();
    await result;

    const options = { includeSubagents: true };
    const messages = collected(server.client.turnRun({ threadId: 't', input: 'x' }, options));
    const second = (await server.turn()).accept().started();
    childOf(second);
    second.ask(2, COMMAND, OF_CHILD).ask(3, TOKENS, NO_THREAD).complete();
    expect((await messages).filter(({ kind }) => kind === 'request')).toMatchObject([{ id: 2 }]);
  });

  test('L16 a run that is iterated again refuses nothing more', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const result = run.result();
    const turn = (await server.turn()).accept().started().ask(1, TOKENS, NO_THREAD);
    await server.answerTo(1);
    const messages = collected(run);
    await server.piped.quiet();
    turn.ask(2, TOKENS, NO_THREAD).complete();
    await Promise.all([messages, result]);
    expect(server.client.stats().requests.unansweredByUs).toBe(1);
    expect(await server.client.nextMessage()).toMatchObject({ kind: 'request', id: 2 });
  });

  test('L16 a run that only joined another turn refuses none of them', async () => {
    await using server = new PlayedServer();
    const other = server.client.turnStart({ threadId: 't', input: [] });
    const foreign = (await server.turn()).accept().started();
    await other;
    const joined = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' }).result();
    server.answer(await server.next('turn/start'), { turn: turnOf(foreign.turnId) });
    await server.piped.quiet();
    childOf(foreign);
    foreign.ask(1, TOKENS, NO_THREAD).ask(2, COMMAND, OF_CHILD).ask(3);
    await server.piped.quiet();
    expect(server.client.stats().requests.unansweredByUs).toBe(3);
    foreign.complete();
    expect((await joined).joined).toBe(true);
  });

  test('L16 what was asked before the answer that tells of the joining waits for the one who can answer it', async () => {
    await using server = new PlayedServer();
    const other = server.client.turnStart({ threadId: 't', input: [] });
    const foreign = await server.turn();
    const joined = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' }).result();
    const { id } = await server.next('turn/start');
    await server.piped.quiet();
    const turn = turnOf(foreign.turnId);
    const at = { threadId: 't', turnId: foreign.turnId };
    server.piped.send(
      { method: 'turn/started', params: { threadId: 't', turn } },
      { id: 1, method: 'item/fileChange/requestApproval', params: { ...at, itemId: 'i1' } },
      { id: foreign.request.id, result: { turn } },
      { id, result: { turn } },
    );
    await other;
    await server.piped.quiet();
    expect(await server.client.nextMessage()).toMatchObject({ kind: 'request', id: 1 });
    foreign.complete();
    expect((await joined).joined).toBe(true);
  });
});

describe('somebody else answers', () => {
  test.each([
    ['opened before the run', true],
    ['opened while result() drives', false],
  ])(
    'an open stream of requests, %s, takes them instead of the driving result()',
    async (_, isOpenedBefore) => {
      await using server = new PlayedServer();
      const early = isOpenedBefore ? server.client.events({ kind: 'request' }) : undefined;
      const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
      const turn = (await server.turn()).accept().started();
      const requests = early ?? server.client.events({ kind: 'request' });
      turn.ask(0);
      const { value: request } = await requests.next();
      if (request?.method !== 'item/fileChange/requestApproval') throw new Error(`got ${request?.method}`);
      await server.client.respond(request, approve(request));
      expect(await server.answerTo(0)).toMatchObject({ result: { decision: 'accept' } });
      turn.complete();
      expect((await result).status).toBe('completed');
    },
  );

  test('a request that the run holds unread goes to the open stream of requests once result() drives', async () => {
    await using server = new PlayedServer();
    const requests = server.client.events({ kind: 'request' });
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started().ask(0);
    await server.piped.quiet();
    const result = run.result();
    const { value: request } = await requests.next();
    expect(request?.id).toBe(0);
    if (request !== undefined) await server.client.respondError(request, -1, 'no');
    turn.complete();
    await result;
  });

  test('beside text() too, so that a program can write the text and ask a person', async () => {
    await using server = new PlayedServer();
    const requests = server.client.events({ kind: 'request' });
    const pieces = collected(server.client.turnRun({ threadId: 't', input: 'x' }).text());
    const turn = (await server.turn()).accept().started().ask(0);
    const { value: request } = await requests.next();
    if (request?.method === 'item/fileChange/requestApproval')
      await server.client.respond(request, approve(request));
    expect(await server.answerTo(0)).toMatchObject({ result: { decision: 'accept' } });
    turn.say('done').complete();
    expect(await pieces).toEqual(['done']);
  });

  test('beside text() also a stream of anything else takes them, as beside result()', async () => {
    await using server = new PlayedServer();
    const others = server.client.events({ threadId: 't' });
    const pieces = collected(server.client.turnRun({ threadId: 't', input: 'x' }).text());
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    turn.ask(0);
    expect((await others.next()).value).toMatchObject({ kind: 'request', id: 0 });
    turn.say('done').complete();
    expect(await pieces).toEqual(['done']);
    expect(server.piped.received.filter(({ id, method }) => id === 0 && method === undefined)).toEqual([]);
  });

  test.each([
    ['that takes requests alone', { kind: 'request' }],
    ['that names the method', { methods: ['item/fileChange/requestApproval'] }],
  ] as const)('L1 a stream %s gets them, also while the run is iterated', async (_, filter) => {
    await using server = new PlayedServer();
    const others = server.client.events(filter);
    const seen = methodsOf(server.client.turnRun({ threadId: 't', input: 'x' }));
    const turn = (await server.turn()).accept().ask(0);
    const asked = (await others.next()).value;
    expect(asked).toMatchObject({ kind: 'request', id: 0 });
    turn.complete();
    expect(await seen).toEqual(['turn/completed']);
  });

  test('L1 the loop over the run gets them itself beside streams of anything else', async () => {
    await using server = new PlayedServer();
    const others = server.client.events({ threadId: 't' });
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const seen: ServerMessage['method'][] = [];
    const loop = (async () => {
      for await (const message of run) {
        seen.push(message.method);
        if (message.method === 'item/fileChange/requestApproval')
          await server.client.respond(message, approve(message, 'session'));
      }
    })();
    const turn = (await server.turn()).accept().ask(0);
    expect(await server.answerTo(0)).toMatchObject({ result: { decision: 'acceptForSession' } });
    turn.complete();
    await loop;
    expect(seen).toEqual(['item/fileChange/requestApproval', 'turn/completed']);
    await others.return();
  });

  test('nobody: while the run is iterated a request that the loop leaves alone stays open', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const result = run.result();
    const first = run.next();
    (await server.turn()).accept().ask(0);
    expect((await first).value).toMatchObject({ kind: 'request', id: 0 });
    await server.piped.quiet();
    expect(server.client.stats().requests.unansweredByUs).toBe(1);
    void result.catch(() => undefined);
    await run.return();
  });
});

describe('standing answers', () => {
  test('L17 answer a run’s request when it is read; it reaches no stream, and can be changed later', async () => {
    await using server = new PlayedServer({
      standingAnswers: { 'item/fileChange/requestApproval': { decision: 'accept' } },
    });
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { collectEvents: true }).result();
    const turn = (await server.turn()).accept().ask(0);
    expect(await server.answerTo(0)).toEqual({ id: 0, result: { decision: 'accept' } });
    server.client.setStandingAnswer('item/fileChange/requestApproval', { decision: 'cancel' });
    turn.ask(1);
    expect(await server.answerTo(1)).toEqual({ id: 1, result: { decision: 'cancel' } });
    server.client.setStandingAnswer('item/fileChange/requestApproval', undefined);
    turn.ask(2);
    expect(await server.answerTo(2)).toEqual({ id: 2, result: { decision: 'decline' } });
    turn.complete();
    expect((await result).events?.filter(({ kind }) => kind === 'request')).toHaveLength(1);
    expect(server.client.stats().messages.standingAnswers).toBe(2);
  });
});

describe('an answer by hand', () => {
  test('an approval cannot be answered later: requests wait, and are answered in any order, after other calls', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'go' });
    const turn = (await server.turn()).accept().started().ask(0).ask('b');
    const requests: ServerRequest[] = [];
    while (requests.length < 2) {
      const { value } = await run.next();
      if (value?.kind === 'request') requests.push(value);
    }
    const [first, second] = requests;
    if (first === undefined || second === undefined) throw new Error('two were asked');
    const call = server.client.request('thread/list', {});
    server.answer(await server.next('thread/list'), { data: [] });
    await call;
    await server.client.respond(second, deny(second));
    await server.client.respond(first, deny(first));
    const answers = server.piped.received.filter(
      ({ method, id }) => method === undefined && id !== undefined,
    );
    expect(answers.map(({ id }) => id)).toEqual(['b', 0]);
    turn.complete();
    await run.result();
  });

  test('a stale approval is answered into the void: the answer is refused, and a signal says so before', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'go' });
    const turn = (await server.turn()).accept().started().ask(0);
    for await (const message of run) {
      if (message.kind !== 'request') continue;
      const signal = server.client.signalOf(message);
      const withdrawn = new Promise((resolve) => signal.addEventListener('abort', resolve));
      turn.send('serverRequest/resolved', { requestId: 0 });
      await withdrawn;
      await expect(server.client.respond(message, deny(message))).rejects.toThrow(StaleRequestError);
      turn.complete();
    }
    expect(server.piped.received.filter(({ id }) => id === 0)).toEqual([]);
  });
});
