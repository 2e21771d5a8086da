// What the type system knows of a supervisor: its options are those of a start or of a connection, and its runs are runs.
import {
  AsyncClient,
  type CodexClientError,
  type protocol,
  type Restart,
  ResumeWouldSpendError,
  type Run,
  ServerClosedError,
  type SuperviseOptions,
  type Supervisor,
  type SupervisorStats,
  type ThreadLog,
  type ThreadRun,
  type TurnResult,
  type TurnRun,
} from 'codex-async-client';
import type { RequestView } from 'codex-async-client/view';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

/** For the type system only: the functions that use them are never run. */
declare const supervisor: Supervisor;
declare const request: RequestView;

function check(_calls: () => unknown): void {}

describe('a supervisor', () => {
  test('takes the options of a start, or a target and those of a connection', () => {
    check(() => {
      expectTypeOf(AsyncClient.supervise()).toEqualTypeOf<Supervisor>();
      AsyncClient.supervise({ codexHome: '/home', restart: { maxRestarts: Infinity }, healthCheck: {} });
      AsyncClient.supervise({ connect: { socketPath: '/run/codex.sock' }, pingIntervalMs: 5 });
      const options: SuperviseOptions = { connect: { url: 'ws://127.0.0.1:1', bearerToken: 't' } };
      AsyncClient.supervise(options);
      // @ts-expect-error: a connection has no process
      AsyncClient.supervise({ connect: { socketPath: '/run/codex.sock' }, codexPath: '/bin/codex' });
      // @ts-expect-error: a process has no pings
      AsyncClient.supervise({ pingIntervalMs: 5 });
      // @ts-expect-error: shutdown() ends it
      AsyncClient.supervise({ signal: AbortSignal.abort() });
      // @ts-expect-error: no such option
      AsyncClient.supervise({ restarts: 5 });
    });
  });

  test('runs turns with outputs of a schema, and a key', () => {
    check(() => {
      const input = 'x';
      expectTypeOf(supervisor.turnRun({ threadId: 't', input })).toEqualTypeOf<TurnRun>();
      const outputSchema = z.object({ done: z.boolean() });
      const typed = supervisor.turnRun({ threadId: 't', input, outputSchema }, { idempotencyKey: 'job-7' });
      expectTypeOf(typed).toEqualTypeOf<TurnRun<{ done: boolean }>>();
      expectTypeOf(supervisor.thread('t').run({ input, outputSchema })).toEqualTypeOf<
        TurnRun<{ done: boolean }>
      >();
      expectTypeOf(supervisor.threadRun({ turn: { input, outputSchema } })).toEqualTypeOf<
        ThreadRun<{ done: boolean }>
      >();
      const run: Run = supervisor.thread('t').run('x', { idempotencyKey: 'job-8', timeoutMs: 1 });
      expectTypeOf(run.result()).resolves.toEqualTypeOf<TurnResult>();
      // @ts-expect-error: a key is a text
      supervisor.turnRun({ threadId: 't', input }, { idempotencyKey: 7 });
      // @ts-expect-error: a new thread has nothing to look through
      supervisor.threadRun({ turn: 'x' }, { idempotencyKey: 'job-9' });
      // @ts-expect-error: a client has no keys: it does not outlive its server
      (null as unknown as AsyncClient).turnRun({ threadId: 't', input }, { idempotencyKey: 'job-9' });
    });
  });

  test('says what was lost, and hands out what lives', () => {
    check(async () => {
      for await (const restart of supervisor.restarts()) {
        expectTypeOf(restart).toEqualTypeOf<Restart>();
        expectTypeOf(restart.cause).toEqualTypeOf<CodexClientError | undefined>();
        expectTypeOf(restart.lost.threads).toEqualTypeOf<readonly string[]>();
        for (const { text } of restart.lost.partialText) expectTypeOf(text).toEqualTypeOf<string>();
        for (const { turnId } of restart.lost.turns) expectTypeOf(turnId).toEqualTypeOf<string | undefined>();
      }
      expectTypeOf(await supervisor.client()).toEqualTypeOf<AsyncClient>();
      expectTypeOf(supervisor.stats()).toEqualTypeOf<SupervisorStats>();
      expectTypeOf(supervisor.thread('t').follow({ answers: true })).toEqualTypeOf<ThreadLog>();
      await supervisor.respondByKey(request.key, { decision: 'accept' });
      expectTypeOf(supervisor.resume('t')).resolves.toEqualTypeOf<protocol.ThreadResumeResponse>();
      await supervisor.shutdown({ drainMs: 1 });
    });
  });

  test('has errors that hold what is needed to go on', () => {
    check((error: unknown = undefined) => {
      if (error instanceof ResumeWouldSpendError) {
        expectTypeOf(error.goal).toEqualTypeOf<protocol.ThreadGoal | null>();
        expectTypeOf(error.queued).toEqualTypeOf<readonly protocol.QueuedSubmission[]>();
      }
      if (error instanceof ServerClosedError)
        expectTypeOf(error.result?.status).toEqualTypeOf<protocol.TurnStatus | undefined>();
    });
  });
});
