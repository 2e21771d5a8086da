/** What adopting a turn takes: bad names and options fail at once and send nothing. */
import { expect, test } from 'vitest';
import { expectRefused, failureOf, type Mistake, untyped } from '../mistakes.js';
import { PlayedServer } from '../played-server.js';
import { NAME, read, theirTurn } from './adopted.js';

const MISTAKES: readonly Mistake[] = [
  ['turn', [], 'turn'],
  ['turn', ['theirs'], 'turn'],
  ['turn', [{ threadId: 't' }], 'turn.turnId'],
  ['turn', [{ turnId: 'theirs' }], 'turn.threadId'],
  ['turn', [{ threadId: '', turnId: 'theirs' }], 'turn.threadId'],
  ['turn', [{ threadId: 't', turnId: 7 }], 'turn.turnId'],
  ['turn', [{ ...NAME, input: 'x' }], 'turn.input'],
  ['turn', [NAME, null], 'options'],
  ['turn', [NAME, { timeoutMS: 5 }], 'options.timeoutMS'],
  ['turn', [NAME, { timeoutMs: -1 }], 'options.timeoutMs'],
  ['turn', [NAME, { idleTimeoutMs: '5' }], 'options.idleTimeoutMs'],
  ['turn', [NAME, { signal: {} }], 'options.signal'],
  ['turn', [NAME, { includeSubagents: 1 }], 'options.includeSubagents'],
  ['turn', [NAME, { collectEvents: 'yes' }], 'options.collectEvents'],
  ['turn', [NAME, { maxHeldBytes: 0 }], 'options.maxHeldBytes'],
  ['turn', [NAME, { coalesce: 1 }], 'options.coalesce'],
];

test.each(MISTAKES)('L20 %s(...%j) throws and names %s', expectRefused);

test.each([
  ['detach', true, /leaving never interrupts it/],
  ['startTimeoutMs', 5, /timeoutMs limits the run/],
  ['trace', { traceparent: '00-1-2-01' }, /nothing is sent to start it/],
  ['whenBusy', 'wait', /not waited for/],
  ['standingAnswers', {}, /its starter to answer/],
])('L20 %s is refused with the reason', async (name, value, why) => {
  await using server = new PlayedServer();
  const error = await failureOf(() => untyped(server.client).turn(NAME, { [name]: value }));
  expect(error).toMatchObject({ code: 'CODEX_INVALID_ARGUMENT', argument: `options.${name}`, message: why });
  expect(server.piped.received).toEqual([]);
});

test('every option may be given', async () => {
  await using server = new PlayedServer();
  const result = server.client
    .turn(NAME, {
      signal: new AbortController().signal,
      timeoutMs: 60_000,
      idleTimeoutMs: 60_000,
      includeSubagents: true,
      collectEvents: true,
      maxHeldBytes: 1_000,
      coalesce: true,
    })
    .result();
  await read(server, 'active');
  theirTurn(server).complete();
  expect((await result).status).toBe('completed');
});
