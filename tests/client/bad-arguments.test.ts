/**
 * Bad arguments of every call of a client: a clear error, and nothing is sent. The server in this process keeps every line
 * it gets, and after all the bad calls it has got the handshake and no more.
 */
import {
  type AsyncClient,
  type CodexErrorCode,
  HandshakeError,
  InvalidArgumentError,
  type ServerRequest,
  StaleRequestError,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ask } from '../helpers/messages.js';
import { type PipedServer, readyServer, turn } from '../helpers/piped-server.js';

/** Calls a method as a program in JavaScript can: without its types. */
function callUntyped(client: AsyncClient, call: string, args: readonly unknown[]): unknown {
  return Reflect.apply(Reflect.get(client, call), client, args);
}

/** One bad call: its name for the title, the call, the argument that is named, and parts of the message. */
type BadCall = readonly [call: string, args: readonly unknown[], argument: string, ...parts: string[]];

const circular: Record<string, unknown> = {};
circular['self'] = circular;
const params = { clientInfo: { name: 'x', title: null, version: '1' }, capabilities: null };

const methodCalls = ['request', 'notify', 'supports'].flatMap((call): BadCall[] => [
  [call, [], 'method', 'the name of a method', 'undefined'],
  [call, [''], 'method', 'the name of a method', '""'],
  [call, [5], 'method', 'the name of a method', '5'],
  [call, [{ method: 'x' }], 'method', 'the name of a method', 'an object'],
]);

const paramsCalls = ['request', 'notify'].flatMap((call): BadCall[] => [
  [call, ['a/b', 'text'], 'params', 'an object', '"text"'],
  [call, ['a/b', 5], 'params', 'an object', '5'],
  [call, ['a/b', [1]], 'params', 'an object', 'an array of 1'],
  [call, ['a/b', () => ({})], 'params', 'an object', 'a function'],
  [call, ['a/b', { n: 1n }], 'params', 'JSON', 'BigInt'],
  [call, ['a/b', circular], 'params', 'JSON', 'circular'],
  [call, ['a/b', new Date(0)], 'params', 'an object'],
]);

const requestOptions = (call: string, ...before: unknown[]): BadCall[] => [
  [call, [...before, { timeoutMs: -1 }], 'options.timeoutMs', 'a whole number of milliseconds', '-1'],
  [call, [...before, { timeoutMs: '5' }], 'options.timeoutMs', 'a whole number of milliseconds', '"5"'],
  [call, [...before, { timeoutMs: 2 ** 31 }], 'options.timeoutMs', '2147483647'],
  [call, [...before, { timeoutMs: null }], 'options.timeoutMs', 'a whole number', 'null'],
  [call, [...before, { signal: {} }], 'options.signal', 'an AbortSignal', 'an object'],
  [call, [...before, { trace: 'abc' }], 'options.trace', 'an object with a traceparent', '"abc"'],
  [call, [...before, { trace: { tracestate: 'a' } }], 'options.trace', 'an object with a traceparent'],
  [call, [...before, { trace: { traceparent: 'a', tracestate: 5 } }], 'options.trace.tracestate', '5'],
  [call, [...before, { trace: { traceparent: 'a', state: 'b' } }], 'options.trace.state', 'tracestate'],
  [call, [...before, { timeout: 5 }], 'options.timeout', 'did you mean "timeoutMs"'],
  [call, [...before, null], 'options', 'an object', 'null'],
  [call, [...before, 5], 'options', 'an object', '5'],
];

const initializeCalls: BadCall[] = [
  ['initialize', ['me'], 'params', 'an object with clientInfo', '"me"'],
  ['initialize', [{}], 'params.clientInfo', 'an object with name and version', 'undefined'],
  ['initialize', [{ clientInfo: { version: '1' } }], 'params.clientInfo.name', 'a non-empty string'],
  ['initialize', [{ clientInfo: { name: 'x' } }], 'params.clientInfo.version', 'a non-empty string'],
  ['initialize', [{ clientInfo: 'x' }], 'params.clientInfo', 'an object with name and version', '"x"'],
  ['initialize', [{ clientInfo: { name: '', version: '1' } }], 'params.clientInfo.name', 'non-empty', '""'],
  ['initialize', [{ clientInfo: { name: 5, version: '1' } }], 'params.clientInfo.name', 'non-empty', '5'],
  ['initialize', [{ clientInfo: { name: 'x', version: '' } }], 'params.clientInfo.version', '""'],
  ['initialize', [{ clientInfo: { name: 'x', version: 1 } }], 'params.clientInfo.version', '1'],
  ['initialize', [{ clientInfo: { name: 'x', version: '1', title: 5 } }], 'params.clientInfo.title', '5'],
  ['initialize', [{ ...params, capabilities: 'all' }], 'params.capabilities', '"all"'],
  ['initialize', [{ ...params, clientinfo: {} }], 'params.clientinfo', 'did you mean "clientInfo"'],
  ['initialize', [{ ...params, capabilities: circular }], 'params', 'JSON'],
  ['initialize', [undefined, { sendInitialized: 'no' }], 'options.sendInitialized', 'true or false', '"no"'],
  ...requestOptions('initialize', undefined),
];

const readCalls: BadCall[] = [
  ['nextMessage', [{ timeoutMs: -1 }], 'options.timeoutMs', 'a whole number of milliseconds', '-1'],
  ['nextMessage', [{ timeoutMs: 0.5 }], 'options.timeoutMs', '0.5'],
  ['nextMessage', [{ signal: 1 }], 'options.signal', 'an AbortSignal', '1'],
  ['nextMessage', [{ timeout: 1 }], 'options.timeout', 'did you mean "timeoutMs"'],
  ['nextMessage', [null], 'options', 'an object', 'null'],
  ['events', [null], 'filter', 'an object', 'null'],
  ['events', ['turn/started'], 'filter', 'an object', '"turn/started"'],
  ['events', [{ kind: 'event' }], 'filter.kind', '"notification" or "request"', '"event"'],
  ['events', [{ methods: 'turn/started' }], 'filter.methods', 'an array of strings', '"turn/started"'],
  ['events', [{ methods: [] }], 'filter.methods', 'at least one method'],
  ['events', [{ methods: [5] }], 'filter.methods', 'an array of strings'],
  ['events', [{ threadId: '' }], 'filter.threadId', 'a non-empty string', '""'],
  ['events', [{ turnId: 7 }], 'filter.turnId', 'a non-empty string', '7'],
  ['events', [{ thread: 'x' }], 'filter.thread', 'did you mean "threadId"'],
  ['events', [{ methods: ['turn/started', 'turn/complete'] }], 'filter.methods[1]', '"turn/completed"?'],
  ['events', [() => true], 'filter', 'an object', 'a function'],
];

const tool = ask(0);
const approval = { ...tool, method: 'item/commandExecution/requestApproval' };

const answerCalls: BadCall[] = [
  ['respond', [undefined, {}], 'request', 'a server request from this client', 'undefined'],
  ['respond', [null, {}], 'request', 'a server request from this client', 'null'],
  ['respond', [true, {}], 'request', 'a server request from this client', 'true'],
  ['respond', [{ id: null }, {}], 'request', 'a server request from this client', 'an object with keys [id]'],
  ['respond', [0, {}], 'request', 'a server request from this client', 'got 0', 'respondById()'],
  ['respond', ['a', {}], 'request', 'a server request from this client', 'got "a"', 'respondById()'],
  ['respondById', [undefined, {}], 'id', 'a string or a number', 'undefined'],
  ['respondById', [null, {}], 'id', 'a string or a number', 'null'],
  ['respondById', [{ id: null }, {}], 'id', 'a string or a number', 'an object with keys [id]'],
  ['respondById', [tool, {}], 'id', 'a string or a number', 'an object', 'respond() answers the request'],
  ['respondById', [0], 'result', 'JSON', 'undefined'],
  ['respondById', [0, 1n], 'result', 'JSON'],
  ['respond', [tool, 'accept'], 'result', 'an object that answers item/tool/call', '"accept"'],
  ['respond', [approval, 'accept'], 'result', '{ decision: "accept" }', 'got "accept"'],
  ['respond', [approval, { decision: 'approved' }], 'result.decision', '"accept"', 'got "approved"'],
  ['respond', [approval, { approved: true }], 'result.approved', 'known names: decision'],
  ['respondError', [undefined, 1, 'no'], 'request', 'a server request from this client or its id'],
  ['respondError', [0, '1', 'no'], 'code', 'a whole number', '"1"'],
  ['respondError', [0, Number.NaN, 'no'], 'code', 'a whole number', 'NaN'],
  ['respondError', [0, 1], 'message', 'a string', 'undefined'],
  ['respondError', [0, 1, 'no', circular], 'data', 'JSON'],
  ['signalOf', [undefined], 'request', 'a server request from this client or its id'],
  ['signalOf', [{ kind: 'notification' }], 'request', 'a server request from this client or its id'],
  ['setStandingAnswer', [], 'method', 'a non-empty string', 'undefined'],
  ['setStandingAnswer', ['', {}], 'method', 'a non-empty string', '""'],
  ['setStandingAnswer', [5, {}], 'method', 'a non-empty string', '5'],
  ['setStandingAnswer', ['item/tool/call', 1n], 'result', 'JSON'],
  ['setStandingAnswer', ['item/tool/call', () => ({})], 'result', 'a function'],
  ['setStandingAnswer', ['item/toolcall', {}], 'method', 'did you mean "item/tool/call"?'],
  ['setStandingAnswer', ['item/tool/call', { ok: true }], 'result.ok', 'known names: contentItems, success'],
];

const typedCalls: BadCall[] = [
  ['threadStart', [{ approvalPolcy: 'never' }], 'params.approvalPolcy', 'did you mean "approvalPolicy"?'],
  ['turnInterrupt', [{ thread: 't' }], 'params.thread', 'did you mean "threadId"?'],
  ['commandRun', [{ command: ['x'], inputs: '' }], 'params.inputs', 'did you mean "input"?'],
  ['commandRun', [{ commands: ['x'] }], 'params.commands', 'did you mean "command"?'],
  ['paginate', ['thread/list', { limt: 5 }], 'params.limt', 'did you mean "limit"?'],
  ['memoryReset', [{ all: true }], 'params.all', 'it takes none'],
  ['login', [{ type: 'apiKey', apikey: 'k' }], 'params.apikey', 'did you mean "apiKey"?'],
  ['threadStart', ['text'], 'params', 'an object', '"text"'],
  ['turnStart', [[1]], 'params', 'an object', 'an array of 1'],
  ['commandExec', [{ command: 1n }], 'params', 'JSON'],
  ...requestOptions('modelList', {}),
];

/** Calls that give back something else than a promise. */
const THROWING = ['events', 'signalOf', 'setStandingAnswer', 'commandRun', 'paginate'];

async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return new Error('the call was expected to fail');
}

/** What the server got after the handshake. */
async function sentLines(server: PipedServer): Promise<readonly object[]> {
  await turn();
  await turn();
  return server.received.slice(2);
}

const groups: [string, BadCall[]][] = [
  ['methods', methodCalls],
  ['params', paramsCalls],
  ['request options', requestOptions('request', 'a/b', {})],
  ['the handshake', initializeCalls],
  ['reading', readCalls],
  ['answering', answerCalls],
  ['typed methods', typedCalls],
];

describe.each(groups)('bad arguments of %s', (_, calls) => {
  test('L20 are refused one by one, and the server hears nothing of them', async () => {
    const server = await readyServer();
    const { client } = server;
    for (const [call, args, argument, ...parts] of calls) {
      const error = await outcomeOf(() => callUntyped(client, call, args));
      const what = `${call}: ${argument}`;
      expect(error, what).toBeInstanceOf(InvalidArgumentError);
      expect(error, what).toMatchObject({
        code: 'CODEX_INVALID_ARGUMENT' satisfies CodexErrorCode,
        argument,
      });
      const { message } = error as InvalidArgumentError; // checked above
      expect(message.startsWith(`${argument}: `), what).toBe(true);
      for (const part of parts) expect(message, what).toContain(part);
    }
    expect(await sentLines(server)).toEqual([]);
    expect(client.state).toBe('ready');
    expect(client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test('L20 asynchronous calls reject, they do not throw', async () => {
    const server = await readyServer();
    const { client } = server;
    for (const [call, args] of calls) {
      if (THROWING.includes(call)) continue;
      const outcome = callUntyped(client, call, args);
      expect(outcome).toBeInstanceOf(Promise);
      await expect(outcome).rejects.toBeInstanceOf(InvalidArgumentError);
    }
  });
});

describe('calls that come at the wrong time', () => {
  test('L20 answers to what was never asked are stale, and nothing is sent', async () => {
    const server = await readyServer();
    const { client } = server;
    const stranger: ServerRequest = ask(0);
    for (const call of [
      () => client.respondById(0, {}),
      () => client.respondById('0', {}),
      () => client.respond(stranger, { contentItems: [], success: true }),
      () => client.respondError(stranger, 1, 'no'),
      () => client.signalOf(stranger),
    ]) {
      expect(await outcomeOf(call)).toBeInstanceOf(StaleRequestError);
    }
    expect(await sentLines(server)).toEqual([]);
  });

  test('L20 a bad handshake can be followed by a good one', async () => {
    const server = await readyServer();
    const { client } = server;
    const other = { clientInfo: { name: 'x', title: null, version: '1' }, capabilities: null };
    const error = await outcomeOf(() => client.initialize(other));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).not.toBeInstanceOf(HandshakeError);
    await client.initialize();
    expect(await sentLines(server)).toEqual([]);
  });
});
