// What the type system knows of what the client hands out: helpers are written once for all runs, fakes need no cast, and
// nobody makes a client by hand. `tsc -p tests/tsconfig.json` is what fails here; vitest only runs the file.
import {
  AsyncClient,
  type ByteStream,
  type CommandRun,
  type EventStream,
  type FileWatch,
  type GoalOutcome,
  type GoalRun,
  type ItemOf,
  type Login,
  type protocol,
  type Run,
  type ServerMessage,
  type ThreadHandle,
  type ThreadRun,
  type TurnRun,
  type TurnText,
} from 'codex-async-client';
import { fakeThreadRun, fakeTurnRun } from 'codex-async-client/testing';
import type { ThreadView } from 'codex-async-client/view';
import { describe, expectTypeOf, test } from 'vitest';

declare const client: AsyncClient;

function check(_calls: () => unknown): void {}

describe('a run', () => {
  test('is written for once, whichever it is', () => {
    const print = async (run: Run): Promise<string | undefined> => {
      for await (const message of run) expectTypeOf(message).toEqualTypeOf<ServerMessage>();
      expectTypeOf(run.text()).toEqualTypeOf<TurnText>();
      await run.steer('more');
      await run.interrupt();
      const { threadId } = await run.started();
      expectTypeOf(threadId).toEqualTypeOf<string>();
      return (await run.result()).finalMessage;
    };
    check(() => [
      print(client.turnRun({ threadId: 't', input: 'x' })),
      print(client.threadRun({ turn: 'x' })),
      print(client.thread('t').run('x')),
      print(client.turn({ threadId: 't', turnId: 'u' })),
      print(client.reviewRun({ threadId: 't', target: { type: 'uncommittedChanges' } })),
    ]);
    expectTypeOf<TurnRun<{ a: 1 }>>().toExtend<Run<{ a: number }>>();
    expectTypeOf<ThreadRun<{ a: 1 }>>().toExtend<Run<{ a: number }>>();
    expectTypeOf<TurnRun['threadId']>().toEqualTypeOf<string>();
    expectTypeOf<Run['threadId']>().toEqualTypeOf<string | undefined>();
  });

  test('that is adopted, or is a review, takes the options that make sense for it', () => {
    const turn = { threadId: 't', turnId: 'u' };
    check(() => [
      client.turn(turn, {
        signal: undefined,
        timeoutMs: 5,
        idleTimeoutMs: 5,
        coalesce: true,
        collectEvents: true,
      }),
      // @ts-expect-error leaving never interrupts it
      client.turn(turn, { detach: true }),
      // @ts-expect-error its starter says what it may spend
      client.turn(turn, { budget: { totalTokens: 1 } }),
      // @ts-expect-error a turn has a thread
      client.turn({ turnId: 'u' }),
    ]);
    expectTypeOf<ReturnType<AsyncClient['turn']>>().toEqualTypeOf<TurnRun>();
    const review = { threadId: 't', target: { type: 'commit', sha: 'abc' } } as const;
    check(() => [
      client.reviewRun(review, { detach: true, standingAnswers: {} }),
      // @ts-expect-error a review is added to no turn
      client.reviewRun(review, { whenBusy: 'steer' }),
      client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'queue' }),
      client.threadRun({ turn: 'x' }, { whenBusy: 'queue' }),
      // @ts-expect-error there is no such choice
      client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'later' }),
      // @ts-expect-error the server does not tell what it spends
      client.reviewRun(review, { budget: { totalTokens: 1 } }),
      // @ts-expect-error there is nothing to review
      client.reviewRun({ threadId: 't' }),
    ]);
    expectTypeOf<ReturnType<AsyncClient['reviewRun']>>().toEqualTypeOf<TurnRun>();
  });

  test('of a goal is read like any other, and has a result of its own', () => {
    const read = async (run: GoalRun) => {
      for await (const message of run) expectTypeOf(message).toEqualTypeOf<ServerMessage>();
      expectTypeOf(run.text()).toEqualTypeOf<TurnText>();
      expectTypeOf(run.goal).toEqualTypeOf<protocol.ThreadGoal | undefined>();
      const { status, turns } = await run.result();
      expectTypeOf(status).toEqualTypeOf<GoalOutcome>();
      for (const turn of turns) expectTypeOf(turn.status).toEqualTypeOf<protocol.Turn['status']>();
      // @ts-expect-error a paused goal is not over
      return status === 'paused';
    };
    const goal = { threadId: 't', objective: 'x' };
    check(() => [
      read(client.goalRun({ ...goal, tokenBudget: 5 }, { budget: { totalTokens: 9 }, detach: true })),
      read(client.thread('t').goalRun({ objective: 'x' })),
      read(client.thread('t').goalRun()),
      read(client.goalRun({ threadId: 't' })),
      // @ts-expect-error its turns are added to no other
      client.goalRun(goal, { whenBusy: 'steer' }),
      // @ts-expect-error a goal has a thread
      client.goalRun({ objective: 'x' }),
    ]);
  });

  test('gives items whose types can be named', () => {
    expectTypeOf<ItemOf<'commandExecution'>>().toExtend<protocol.ThreadItem>();
    expectTypeOf<ItemOf<'commandExecution'>['type']>().toEqualTypeOf<'commandExecution'>();
  });
});

describe('a fake', () => {
  test('of the client is an object with what the code under test calls', () => {
    const fake: Pick<AsyncClient, 'turnRun' | 'threadRun'> = {
      turnRun: () => fakeTurnRun({ finalMessage: 'Hi!' }),
      threadRun: () => fakeThreadRun({ output: { a: 1 } }),
    };
    const typed: Pick<AsyncClient, 'turnRun'> = { turnRun: () => fakeTurnRun({ output: { a: 1 } }) };
    check(() => [fake, typed]);
    expectTypeOf(fakeTurnRun({ output: { a: 1 } })).toEqualTypeOf<TurnRun<{ a: number }>>();
    expectTypeOf(fakeTurnRun()).toEqualTypeOf<TurnRun>();
    expectTypeOf(fakeThreadRun()).toEqualTypeOf<ThreadRun>();
  });

  test('has an output of a type only where it is given one, or has no result of a turn that completed', () => {
    const take = (_run: Run<{ a: number }>) => {};
    check(() => {
      take(fakeTurnRun({ output: { a: 1 } }));
      take(fakeTurnRun({ status: 'interrupted' }));
      take(fakeThreadRun<{ a: number }>({ failure: 'no' }));
      // @ts-expect-error it completes, and has no output
      take(fakeTurnRun({ finalMessage: 'Hi!' }));
      // @ts-expect-error nor has this one
      fakeThreadRun<{ a: number }>({ finalMessage: 'Hi!' });
    });
  });

  test('of all that the client hands out is a plain object', () => {
    const stream = <T>() => ({
      next: async (): Promise<IteratorResult<T, undefined>> => ({ done: true, value: undefined }),
      return: async (): Promise<IteratorResult<T, undefined>> => ({ done: true, value: undefined }),
      [Symbol.asyncDispose]: async () => {},
      [Symbol.asyncIterator]() {
        return this;
      },
    });
    const text: TurnText = stream<string>();
    const events: EventStream = { ...stream<ServerMessage>(), collect: async () => [] };
    const bytes: ByteStream = {
      ...stream<Uint8Array>(),
      discard: () => {},
      text: async () => '',
      lines: () => stream<string>(),
    };
    const command: CommandRun = {
      ...stream<never>(),
      stdout: bytes,
      stderr: bytes,
      processId: 'p',
      result: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
      write: async () => {},
      closeStdin: async () => {},
      resize: async () => {},
      terminate: async () => {},
    };
    const watch: FileWatch = {
      ...stream<protocol.FsChangedNotification>(),
      watchId: 'w',
      ready: Promise.resolve(),
      close: async () => {},
    };
    const run: TurnRun = {
      ...stream<ServerMessage>(),
      threadId: 't',
      turnId: undefined,
      started: async () => ({ threadId: 't', turnId: 'u' }),
      result: () => Promise.reject(new Error('none')),
      text: () => text,
      snapshots: () => stream<ThreadView>(),
      steer: async () => ({ turnId: 'u' }),
      interrupt: async () => {},
    };
    const fake: Pick<AsyncClient, 'turnRun' | 'events' | 'commandRun' | 'fileWatch'> = {
      turnRun: () => run,
      events: () => events,
      commandRun: () => command,
      fileWatch: () => watch,
    };
    const handle: Pick<ThreadHandle, 'id' | 'run' | 'events'> = {
      id: 't',
      run: () => run,
      events: () => events,
    };
    const login: Pick<Login, 'cancel' | 'authUrl'> = { authUrl: undefined, cancel: async () => 'notFound' };
    check(() => [fake, handle, login]);
  });
});

describe('a client', () => {
  test('is not made or extended by hand', () => {
    check(() => {
      // @ts-expect-error start(), spawn() and attach() make one
      new AsyncClient();
      // @ts-expect-error it is no base class
      class Mine extends AsyncClient {}
      return Mine;
    });
  });
});
