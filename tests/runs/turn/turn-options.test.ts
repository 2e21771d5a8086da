/** What a turn run takes: bad params and options fail at once and send nothing; good ones reach the request. */
import { expect, test } from 'vitest';
import { expectRefused, failureOf, type Mistake, untyped } from '../mistakes.js';
import { PlayedServer } from '../played-server.js';

const good = { threadId: 't', input: 'x' };

const MISTAKES: readonly Mistake[] = [
  ['turnRun', [], 'params'],
  ['turnRun', [null], 'params'],
  ['turnRun', ['hello'], 'params'],
  ['turnRun', [{ input: 'x' }], 'params.threadId'],
  ['turnRun', [{ threadId: '', input: 'x' }], 'params.threadId'],
  ['turnRun', [{ threadId: 7, input: 'x' }], 'params.threadId'],
  ['turnRun', [good, null], 'options'],
  ['turnRun', [good, { timeoutMS: 5 }], 'options.timeoutMS'],
  ['turnRun', [good, { timeoutMs: -1 }], 'options.timeoutMs'],
  ['turnRun', [good, { startTimeoutMs: 1.5 }], 'options.startTimeoutMs'],
  ['turnRun', [good, { whenBusy: 'later' }], 'options.whenBusy'],
  ['turnRun', [good, { idleTimeoutMs: Number.NaN }], 'options.idleTimeoutMs'],
  ['turnRun', [good, { idleTimeoutMs: 2 ** 31 }], 'options.idleTimeoutMs'],
  ['turnRun', [good, { signal: {} }], 'options.signal'],
  ['turnRun', [good, { detach: 'yes' }], 'options.detach'],
  ['turnRun', [good, { includeSubagents: 1 }], 'options.includeSubagents'],
  ['turnRun', [good, { collectEvents: null }], 'options.collectEvents'],
  ['turnRun', [good, { trace: 'x' }], 'options.trace'],
];

test.each(MISTAKES)('L20 %s(...%j) throws and names %s', expectRefused);

test('every option may be given', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun(good, {
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    startTimeoutMs: 60_000,
    trace: { traceparent: '00-1-2-01' },
    whenBusy: 'wait',
    idleTimeoutMs: 60_000,
    detach: false,
    includeSubagents: false,
    collectEvents: false,
  });
  (await server.turn()).accept().complete();
  expect((await run.result()).status).toBe('completed');
});

test('L20 the old name of timeoutMs is refused with the new one', async () => {
  await using server = new PlayedServer();
  const error = await failureOf(() => untyped(server.client).turnRun(good, { completionTimeoutMs: 5 }));
  expect(error).toMatchObject({
    code: 'CODEX_INVALID_ARGUMENT',
    argument: 'options.completionTimeoutMs',
    message: expect.stringMatching(/completionTimeoutMs.*timeoutMs now.*startTimeoutMs/),
  });
  expect(server.piped.received).toEqual([]);
});

test('L20 params that JSON cannot hold reject the run, and nothing is sent', async () => {
  await using server = new PlayedServer();
  const error = await failureOf(() => untyped(server.client).turnRun({ ...good, model: 1n }));
  expect(error).toMatchObject({ code: 'CODEX_INVALID_ARGUMENT', argument: 'params' });
  expect(server.piped.received).toEqual([]);
});

test('timeoutMs, trace and the other params of turn/start reach the request', async () => {
  await using server = new PlayedServer();
  const trace = { traceparent: '00-1-2-01' };
  const run = server.client.turnRun({ ...good, model: 'm', effort: 'low' }, { trace });
  const turn = await server.turn();
  expect(turn.request).toMatchObject({ trace, params: { threadId: 't', model: 'm', effort: 'low' } });
  turn.accept().complete();
  await run.result();
});
