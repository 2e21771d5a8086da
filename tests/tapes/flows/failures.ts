/** Flows that go wrong: models that fail, servers that go, requests that are refused. */
import { RpcError, ServerClosedError, TurnFailedError } from 'codex-async-client';
import { disconnect, failure, gate, httpError, text } from 'codex-async-client/testing';
import type { Flow } from '../flow.js';
import { newThread } from './steps.js';

/** What a turn failed with; every other error passes. */
async function failureOf(result: Promise<unknown>): Promise<unknown> {
  try {
    await result;
    return 'it went well';
  } catch (error) {
    if (!(error instanceof TurnFailedError)) throw error;
    return error.result.raw.turn.error?.codexErrorInfo;
  }
}

/** What the server refused a request with; every other error passes. */
async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return 'it was taken';
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return error.rpcCode;
  }
}

export const FAILURE_FLOWS: readonly Flow[] = [
  {
    name: 'model-fails',
    title: 'the model fails in the middle of a text, and the thread goes on',
    outcome: { failure: 'serverOverloaded', next: 'Better.' },
    async program(client, stage) {
      stage.script(
        [text('Half'), failure({ code: 'server_is_overloaded', message: 'try later' })],
        text('Better.'),
      );
      const threadId = await newThread(client, stage);
      const failed = await failureOf(client.turnRun({ threadId, input: 'Go.' }).result());
      const next = await client.turnRun({ threadId, input: 'Shorter.' }).result();
      return { failure: failed, next: next.finalMessage };
    },
  },
  {
    name: 'rate-limit',
    title: 'the model’s rate limit is reached',
    outcome: 'rateLimitExceeded',
    async program(client, stage) {
      stage.script(failure({ code: 'rate_limit_exceeded', message: 'slow down' }));
      const threadId = await newThread(client, stage);
      return failureOf(client.turnRun({ threadId, input: 'Go.' }).result());
    },
  },
  {
    name: 'http-error',
    title: 'the model’s server answers with an error',
    outcome: 'internalServerError',
    async program(client, stage) {
      stage.script(httpError(500));
      const threadId = await newThread(client, stage);
      return failureOf(client.turnRun({ threadId, input: 'Go.' }).result());
    },
  },
  {
    name: 'reconnect',
    title: 'the connection to the model breaks off, and codex tries again',
    config: { model_providers: { local: { stream_max_retries: 1 } } },
    outcome: { retries: [true], finalMessage: 'Whole.' },
    async program(client, stage) {
      stage.script([text('Ha'), disconnect()], text('Whole.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      const retries: boolean[] = [];
      for await (const message of run) if (message.method === 'error') retries.push(message.params.willRetry);
      return { retries, finalMessage: (await run.result()).finalMessage };
    },
  },
  {
    name: 'crash',
    title: 'the server is killed in the middle of a turn',
    outcome: { written: 'Half', signal: 'SIGKILL' },
    async program(client, stage) {
      stage.script(text('Half', gate()));
      const threadId = await newThread(client, stage);
      let written = '';
      try {
        for await (const piece of client.turnRun({ threadId, input: 'Go.' }).text()) {
          written += piece;
          await stage.outside(() => process.kill(client.pid ?? 0, 'SIGKILL'));
        }
      } catch (error) {
        if (!(error instanceof ServerClosedError) || written === '') throw error;
        return { written, signal: error.signal };
      }
      return 'the turn came to its end';
    },
  },
  {
    name: 'shutdown-in-a-turn',
    title: 'the client shuts down in the middle of a turn',
    outcome: { written: 'Half', expected: true },
    async program(client, stage) {
      stage.script(text('Half', gate()));
      const threadId = await newThread(client, stage);
      let written = '';
      try {
        for await (const piece of client.turnRun({ threadId, input: 'Go.' }).text()) {
          written += piece;
          await client.shutdown();
        }
      } catch (error) {
        if (!(error instanceof ServerClosedError) || written === '') throw error;
        return { written, expected: (await client.closed).expected };
      }
      return 'the turn came to its end';
    },
  },
  {
    name: 'refused-requests',
    title: 'requests that the server refuses: a method, params and threads that it does not know',
    outcome: [-32600, -32600, -32600, -32600, []],
    async program(client) {
      const threadId = '00000000-0000-7000-8000-00000000ffff';
      const codes = await Promise.all(
        [
          client.request('no/such/method', { a: 1 }),
          client.request('thread/read', { threadId: 'none', includeTurns: false }),
          client.threadResume({ threadId }),
          client.turnInterrupt({ threadId, turnId: 'none' }),
        ].map(refusalOf),
      );
      return [...codes, (await client.threadLoadedList()).data];
    },
  },
  {
    name: 'experimental-refused',
    title: 'an experimental method of a client that did not ask for those',
    outcome: -32600,
    program: (client) => refusalOf(client.request('thread/realtime/listVoices', {})),
  },
];
