/** Fake runs behave like real runs whose turn is over. */
import {
  AlreadyReadError,
  BudgetExceededError,
  InvalidArgumentError,
  OutputMismatchError,
  RequestTimeoutError,
  ThreadRunError,
  TurnFailedError,
} from 'codex-async-client';
import { type FakeTurn, fakeThreadRun, fakeTurnRun } from 'codex-async-client/testing';
import { describe, expect, test, vi } from 'vitest';
import { agentMessage, collected, methodsOf, PlayedServer } from '../../runs/played-server.js';

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );

describe('a fake turn run', () => {
  test('has a result with all the members of a real one', async () => {
    await using server = new PlayedServer();
    const real = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    (await server.turn()).accept().started().item(agentMessage('m', 'Hi!')).complete();
    const fake = await fakeTurnRun({ finalMessage: 'Hi!' }).result();
    expect(Object.keys(fake).toSorted()).toEqual(Object.keys(await real).toSorted());
    expect(fake).toMatchObject({
      status: 'completed',
      finalMessage: 'Hi!',
      output: undefined,
      agentMessages: [{ phase: 'final_answer', text: 'Hi!' }],
      recovered: false,
      joined: false,
      raw: { start: { turn: { status: 'inProgress' } }, turn: { status: 'completed' } },
    });
    expect(fake.events).toHaveLength(4);
  });

  test('gives its output, and the answer that it stands for', async () => {
    const { output, finalMessage } = await fakeTurnRun({ output: { title: 'Pond' } }).result();
    expect({ output, finalMessage }).toEqual({ output: { title: 'Pond' }, finalMessage: '{"title":"Pond"}' });
  });

  test('that was interrupted has no output', async () => {
    const run = fakeTurnRun({ output: 1, finalMessage: 'half', status: 'interrupted' });
    expect(await run.result()).toMatchObject({
      status: 'interrupted',
      output: undefined,
      finalMessage: 'half',
    });
  });

  test('has text, before, after and instead of everything else', async () => {
    expect(await collected(fakeTurnRun({ finalMessage: 'Hi!' }).text())).toEqual(['Hi!']);
    expect(await collected(fakeTurnRun().text())).toEqual([]);
    const run = fakeTurnRun({ finalMessage: 'Hi!' });
    await run.result();
    expect(await collected(run.text())).toEqual(['Hi!']);
    expect(await collected(run.text())).toEqual(['Hi!']);
  });

  test('hands each message out once, as a real one does', async () => {
    const both = fakeTurnRun({ finalMessage: 'Hi!' });
    const result = both.result();
    expect(await methodsOf(both)).toHaveLength(4);
    expect((await result).finalMessage).toBe('Hi!');
    const read = fakeTurnRun();
    await read.result();
    expect(await failureOf(read.next())).toBeInstanceOf(AlreadyReadError);
    const told = fakeTurnRun({ finalMessage: 'Hi!' });
    await collected(told.text());
    expect(await failureOf(told.next())).toBeInstanceOf(AlreadyReadError);
  });

  test('is no promise, and says so', async () => {
    const run = await fakeTurnRun({ finalMessage: 'Hi!' });
    expect(() => Reflect.get(run, 'finalMessage')).toThrow(InvalidArgumentError);
  });

  test('can be left, and its controls settle', async () => {
    const run = fakeTurnRun({ threadId: 't', turnId: 'u' });
    expect([run.threadId, run.turnId]).toEqual(['t', 'u']);
    expect(await run.started()).toEqual({ threadId: 't', turnId: 'u' });
    for await (const _message of run) break;
    expect(await run.next()).toEqual({ done: true, value: undefined });
    expect(await run.steer('more')).toEqual({ turnId: 'u' });
    await run.interrupt();
    expect((await run.result()).status).toBe('completed');
  });

  test('needs no time to pass, so clocks may stand still', async () => {
    vi.useFakeTimers();
    try {
      expect((await fakeTurnRun({ finalMessage: 'Hi!' }).result()).finalMessage).toBe('Hi!');
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a fake failure', () => {
  test('that is a text is a turn that failed: its loop ends, its result rejects', async () => {
    const turn: FakeTurn = { failure: 'no luck', finalMessage: 'I tried.' };
    expect(await methodsOf(fakeTurnRun(turn))).toContain('turn/completed');
    const error = await failureOf(fakeTurnRun(turn).result());
    expect(error).toBeInstanceOf(TurnFailedError);
    expect(error).toMatchObject({
      message: 'the turn failed: no luck',
      result: {
        status: 'failed',
        finalMessage: 'I tried.',
        raw: { turn: { error: { message: 'no luck' } } },
      },
    });
    expect(await failureOf(collected(fakeTurnRun(turn).text()))).toBeInstanceOf(TurnFailedError);
  });

  test('that is an error ends everything with it, after what was said', async () => {
    const failure = new RequestTimeoutError('too long', { method: 'turn/start', timeoutMs: 5 });
    const run = fakeTurnRun({ failure, finalMessage: 'half' });
    const seen: string[] = [];
    const loop = async () => {
      for await (const { method } of run) seen.push(method);
    };
    expect(await failureOf(loop())).toBe(failure);
    expect(seen.at(-1)).toBe('item/completed');
    expect(await failureOf(run.result())).toBe(failure);
    expect(await failureOf(collected(fakeTurnRun({ failure }).text()))).toBe(failure);
  });
});

describe('a fake failure of a turn that is over', () => {
  test('that does not fit its schema is for result() alone', async () => {
    const { raw, ...rest } = await fakeTurnRun({ finalMessage: '[' }).result();
    const result = { ...rest, raw, status: 'completed' as const, output: undefined };
    const failure = new OutputMismatchError('no JSON', { text: '[', issues: [{ message: 'x' }], result });
    const run = () => fakeTurnRun({ failure, finalMessage: '[' });
    expect(await collected(run().text())).toEqual(['[']);
    expect((await methodsOf(run())).at(-1)).toBe('turn/completed');
    expect(await failureOf(run().result())).toBe(failure);
  });

  test('that is the error of a failed turn ends its loop as a text does', async () => {
    const failure = await failureOf(fakeTurnRun({ failure: 'no luck' }).result());
    const run = () => fakeTurnRun({ failure: failure as Error });
    expect((await methodsOf(run())).at(-1)).toBe('turn/completed');
    expect(await failureOf(run().result())).toBe(failure);
    expect(await failureOf(collected(run().text()))).toBe(failure);
  });
});

describe('a fake thread run', () => {
  test('that fails has its thread in the error, as a real one has, and its loop ends', async () => {
    const turn = { failure: 'no luck', threadId: 't' };
    for (const failing of [fakeThreadRun(turn).result(), collected(fakeThreadRun(turn).text())]) {
      const error = await failureOf(failing);
      expect(error).toBeInstanceOf(ThreadRunError);
      expect(error).toMatchObject({ threadId: 't', cause: { message: 'the turn failed: no luck' } });
    }
    expect((await methodsOf(fakeThreadRun(turn))).at(-1)).toBe('turn/completed');
    const given = new RequestTimeoutError('too long', { method: 'thread/start', timeoutMs: 5 });
    expect(await failureOf(fakeThreadRun({ failure: given }).result())).toBe(given);
  });

  test('has its thread besides', async () => {
    const run = fakeThreadRun({ finalMessage: 'Hi!', threadId: 't' });
    expect(await run.result()).toMatchObject({
      finalMessage: 'Hi!',
      threadId: 't',
      thread: { thread: { id: 't' } },
    });
    expect(run.thread?.thread.id).toBe('t');
    expect(await collected(fakeThreadRun({ finalMessage: 'Hi!' }).text())).toEqual(['Hi!']);
  });

  test('takes the whole answer to thread/start', async () => {
    const thread = (await fakeThreadRun({ threadId: 'mine' }).result()).thread;
    const run = fakeThreadRun({ thread });
    expect([run.threadId, run.thread]).toEqual(['mine', thread]);
    expect(() => fakeThreadRun({ thread: 't' as never })).toThrow(
      expect.objectContaining({ argument: 'turn.thread' }),
    );
  });
});

test('a fake run that passed its budget has the turn’s end, and then the error', async () => {
  const { raw, ...rest } = await fakeTurnRun({ finalMessage: 'so far', status: 'interrupted' }).result();
  const failure = new BudgetExceededError('enough', {
    totalTokens: 1,
    spentTokens: 2,
    result: { raw, ...rest },
  });
  const turn: FakeTurn = { failure, finalMessage: 'so far' };
  const run = fakeTurnRun(turn);
  const read: string[] = [];
  const loop = (async () => {
    for await (const { method } of run) read.push(method);
  })();
  expect(await failureOf(loop)).toBe(failure);
  expect(read.at(-1)).toBe('turn/completed');
  expect(await failureOf(fakeTurnRun(turn).result())).toBe(failure);
  expect(await failureOf(collected(fakeTurnRun(turn).text()))).toBe(failure);
});
