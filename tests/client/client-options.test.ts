/**
 * Bad options of start, spawn, attach and connect, one by one: an InvalidArgumentError that names the option, the value and
 * what was expected. Nothing is started: afterwards this process has no child.
 */
import { constants } from 'node:buffer';
import { PassThrough } from 'node:stream';
import { AsyncClient, type AttachOptions, InvalidArgumentError, type StartOptions } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import {
  APP_SERVER_OPTION_NAMES,
  type AppServerOptions,
} from '../../src/app-server/launch/server-options.js';
import {
  appServerOptionsOf,
  type ClientOptions,
  type ConnectOptions,
  checkAttachOptions,
  checkConnectOptions,
  checkStartOptions,
  connectionOf,
  connectionSettingsOf,
  sessionSettingsOf,
} from '../../src/client/client-options.js';

/** The argv of a server that lives for a moment. */
const command = [process.execPath, '-e', ''];

/** Processes that this one has started and that run. */
const runningProcesses = () => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap');

/** One bad option: the options, the name in the message, and what the message says was expected and given. */
type BadOption = readonly [options: object | null, argument: string, ...parts: string[]];

const circular: Record<string, unknown> = {};
circular['self'] = circular;

/** Options that a client has however its server came to be. */
const clientOptions: BadOption[] = [
  [{ clientInfo: 'me' }, 'clientInfo', 'an object', '"me"'],
  [{ clientInfo: { name: '' } }, 'clientInfo.name', 'a non-empty string', '""'],
  [{ clientInfo: { version: 1 } }, 'clientInfo.version', 'a non-empty string', '1'],
  [{ clientInfo: { title: 5 } }, 'clientInfo.title', 'a string or null', '5'],
  [{ clientInfo: { nmae: 'x' } }, 'clientInfo.nmae', 'did you mean "name"'],
  [{ capabilities: true }, 'capabilities', 'an object', 'true'],
  [{ capabilities: [] }, 'capabilities', 'an object', 'an array of 0'],
  [{ capabilities: { experimentalApi: 1n } }, 'capabilities', 'JSON'],
  [{ experimentalApi: 'yes' }, 'experimentalApi', 'true or false', '"yes"'],
  [{ allowUnsupportedServer: 1 }, 'allowUnsupportedServer', 'true or false', '1'],
  [{ optOutNotificationMethods: 'turn/started' }, 'optOutNotificationMethods', 'an array of strings'],
  [{ optOutNotificationMethods: [1] }, 'optOutNotificationMethods', 'an array of strings', 'an array of 1'],
  [{ requestTimeoutMs: -1 }, 'requestTimeoutMs', 'a whole number of milliseconds', '-1'],
  [{ requestTimeoutMs: 1.5 }, 'requestTimeoutMs', 'a whole number of milliseconds', '1.5'],
  [{ requestTimeoutMs: Number.POSITIVE_INFINITY }, 'requestTimeoutMs', '2147483647', 'Infinity'],
  [{ requestTimeoutMs: 2 ** 31 }, 'requestTimeoutMs', '2147483647', '2147483648'],
  [{ requestTimeoutMs: '5' }, 'requestTimeoutMs', 'a whole number', '"5"'],
  [{ requestTimeoutMs: null }, 'requestTimeoutMs', 'a whole number', 'null'],
  [{ requestIds: 'abc' }, 'requestIds', 'an iterable', '"abc"'],
  [{ requestIds: 5 }, 'requestIds', 'an iterable', '5'],
  [{ requestIds: () => [] }, 'requestIds', 'an iterable', 'a function'],
  [{ requestIds: null }, 'requestIds', 'an iterable of strings or whole numbers', 'null'],
  [{ requestIds: {} }, 'requestIds', 'an iterable of strings or whole numbers', 'an object'],
  [{ maxInFlightRequests: 0 }, 'maxInFlightRequests', 'a whole number of requests, 1 or more', '0'],
  [{ maxInFlightRequests: Number.NaN }, 'maxInFlightRequests', 'a whole number of requests', 'NaN'],
  [{ maxLineBytes: 0 }, 'maxLineBytes', 'a whole number of bytes', '0'],
  [
    { maxLineBytes: constants.MAX_STRING_LENGTH + 1 },
    'maxLineBytes',
    `a whole number of bytes, 1 to ${constants.MAX_STRING_LENGTH}`,
    `${constants.MAX_STRING_LENGTH + 1}`,
  ],
  [{ buffer: 5 }, 'buffer', 'an object', '5'],
  [{ buffer: null }, 'buffer', 'an object', 'null'],
  [{ buffer: { highWaterMark: 0 } }, 'buffer.highWaterMark', 'a whole number of messages, 1 or more', '0'],
  [{ buffer: { maxBytes: '64MB' } }, 'buffer.maxBytes', 'a whole number of bytes', '"64MB"'],
  [{ buffer: { maxBytes: 0 } }, 'buffer.maxBytes', 'a whole number of bytes, 1 or more', '0'],
  [{ buffer: { maxOutgoingBytes: 0 } }, 'buffer.maxOutgoingBytes', 'a whole number of bytes, 1 or more', '0'],
  [{ buffer: { maxByte: 5 } }, 'buffer.maxByte', 'did you mean "maxBytes"'],
  [{ standingAnswers: 'accept' }, 'standingAnswers', 'an object of method -> result', '"accept"'],
  [{ standingAnswers: { 'item/tool/call': 1n } }, 'standingAnswers["item/tool/call"]', 'JSON', '1'],
  [{ standingAnswers: { 'item/tool/call': circular } }, 'standingAnswers["item/tool/call"]', 'JSON'],
  [{ standingAnswers: { 'item/tool/call': () => ({}) } }, 'standingAnswers["item/tool/call"]', 'a function'],
  [{ shutdownGraceMs: -5 }, 'shutdownGraceMs', 'a whole number of milliseconds', '-5'],
  [{ requestTimeout: 5 }, 'requestTimeout', 'did you mean "requestTimeoutMs"'],
  [{ onMessage: () => {} }, 'onMessage', 'onMessage: unknown name'],
  [null, 'options', 'an object', 'null'],
  [[], 'options', 'an object', 'an array of 0'],
];

/** Options of the process, which are given without a command of our own. */
const processOptions: BadOption[] = [
  [{ codexPath: '' }, 'codexPath', 'a non-empty string', '""'],
  [{ codexPath: 5 }, 'codexPath', 'a non-empty string', '5'],
  [{ args: 'app-server' }, 'args', 'an array of strings', '"app-server"'],
  [{ args: [1] }, 'args', 'an array of strings'],
  [{ command: [] }, 'command', 'the whole argv', 'an array of 0'],
  [{ command: 'codex app-server' }, 'command', 'an array of strings', '"codex app-server"'],
  [{ command: ['true'], args: ['x'] }, 'command', 'args cannot be given with it'],
  [{ cwd: '/no/such/folder' }, 'cwd', 'a folder that exists', '"/no/such/folder"'],
  [{ cwd: 5 }, 'cwd', 'a non-empty string', '5'],
  [{ env: 'A=1' }, 'env', 'an object of strings'],
  [{ env: { TOKEN: 5 } }, 'env.TOKEN', 'a string or undefined', 'a number'],
  [{ codexHome: '/no/such/folder' }, 'codexHome', 'a folder that exists', '"/no/such/folder"'],
  [{ config: 'model=x' }, 'config', 'object'],
  [{ config: { model: undefined } }, 'config.model', 'undefined'],
  [{ config: { a: { b: 1n } } }, 'config.a.b'],
  [{ signal: 'abort' }, 'signal', 'an AbortSignal', '"abort"'],
  [{ signal: new AbortController() }, 'signal', 'an AbortSignal'],
];

function describeOption([options, argument, ...parts]: BadOption) {
  const given = options === null ? 'null' : Object.entries(options).map(([, value]) => typeof value);
  return [`${argument} (${parts.at(-1) ?? given})`, options, argument, parts] as const;
}

/** That the error names the option, in its one spelling and first of all, and says the rest. */
function expectArgumentError(error: unknown, argument: string, parts: readonly string[]): void {
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(error).toMatchObject({ code: 'CODEX_INVALID_ARGUMENT', name: 'InvalidArgumentError' });
  const { argument: named, message } = error as InvalidArgumentError; // checked above
  expect(named).toBe(/^(options|child)\b/.test(argument) ? argument : `options.${argument}`);
  expect(message.startsWith(`${named}: `)).toBe(true);
  for (const part of [argument.split('.').at(-1) ?? argument, ...parts]) expect(message).toContain(part);
}

async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return new Error('the call was expected to fail');
}

describe.each(['start', 'spawn'] as const)('%s', (how) => {
  test.each(clientOptions.map(describeOption))(
    'L20 refuses a bad %s',
    async (_, options, argument, parts) => {
      const given = Array.isArray(options) || options === null ? options : { command, ...options };
      const error = await errorOf(() => AsyncClient[how](given as StartOptions));
      expectArgumentError(error, argument, parts);
      expect(runningProcesses()).toEqual([]);
    },
  );

  test.each(processOptions.map(describeOption))(
    'L20 refuses a bad %s',
    async (_, options, argument, parts) => {
      const error = await errorOf(() => AsyncClient[how](options as StartOptions));
      expectArgumentError(error, argument, parts);
    },
  );

  test('L20 lets requestIds that throw fail before anything is started', async () => {
    const cause = new Error('no ids today');
    const requestIds = {
      [Symbol.iterator](): Iterator<string> {
        throw cause;
      },
    };
    const error = await errorOf(() => AsyncClient[how]({ command, requestIds }));
    expectArgumentError(error, 'requestIds', ['no ids today']);
    expect(error).toMatchObject({ cause });
    expect(runningProcesses()).toEqual([]);
  });

  test('L20 never shows a value of the environment, nor more than the start of a long text', async () => {
    const secret = `sk-${'s'.repeat(200)}`;
    for (const options of [{ env: { KEY: [secret] } }, { cwd: [secret] }, { clientInfo: secret }]) {
      const given: object = { command, ...options };
      expect(String(await errorOf(() => AsyncClient[how](given as StartOptions)))).not.toContain(secret);
    }
  });
});

describe('good options', () => {
  const all: Required<ClientOptions> = {
    clientInfo: { name: 'mine', title: null, version: '1' },
    capabilities: { requestAttestation: true },
    experimentalApi: true,
    optOutNotificationMethods: ['turn/started'],
    requestTimeoutMs: 0,
    requestIds: new Set(['a', 'b']),
    maxInFlightRequests: 1,
    buffer: { highWaterMark: 1, maxBytes: 1 },
    maxLineBytes: 1,
    standingAnswers: { 'item/tool/call': { contentItems: [], success: false } },
    allowUnsupportedServer: true,
  };
  const { signal } = new AbortController();

  test('are taken by a start, every one of them', () => {
    const process = Object.fromEntries(APP_SERVER_OPTION_NAMES.map((name) => [name, undefined]));
    checkStartOptions({ ...process, ...all, signal });
    checkStartOptions({ ...all, maxLineBytes: constants.MAX_STRING_LENGTH, clientInfo: { title: 'Mine' } });
    checkStartOptions({ buffer: {}, clientInfo: {}, capabilities: {}, requestIds: [] });
    checkStartOptions({});
  });

  test('are taken by an attach, but those of a process that it does not start', () => {
    checkAttachOptions({ ...all, shutdownGraceMs: 0 });
    checkAttachOptions({});
  });

  test('become the settings of a session', () => {
    const settings = sessionSettingsOf(all);
    expect(settings).toMatchObject({
      flow: { highWaterMark: 1, maxBytes: 1 },
      maxLineBytes: 1,
      maxInFlightRequests: 1,
    });
    expect([settings.requestIds.next(), settings.requestIds.next()]).toEqual(['a', 'b']);
    expect(settings.standingAnswers.get('item/tool/call')).toBe('{"contentItems":[],"success":false}');
  });

  test('that are left out have the values that are documented', () => {
    for (const options of [{}, { buffer: {} }]) {
      const settings = sessionSettingsOf(options);
      expect(settings).toMatchObject({
        flow: { highWaterMark: 1_024, maxBytes: 64 * 1024 * 1024 },
        maxLineBytes: 256 * 1024 * 1024,
        maxInFlightRequests: 64,
      });
      expect([settings.requestIds.next(), settings.requestIds.next()]).toEqual([1, 2]);
      expect(settings.standingAnswers.get('item/tool/call')).toBeUndefined();
    }
  });

  test('of the process are handed on as they are, and no others', () => {
    const process: Required<AppServerOptions> = {
      codexPath: 'codex',
      args: ['a'],
      command: ['b'],
      cwd: '/c',
      env: { D: 'd' },
      codexHome: '/e',
      config: { f: 1 },
      shutdownGraceMs: 5,
    };
    expect(appServerOptionsOf({ ...process, ...all, signal })).toEqual(process);
  });
});

describe('connect', () => {
  const target = { socketPath: '/no/such/socket' };
  const ofConnections: BadOption[] = [
    [{ connectTimeoutMs: -1 }, 'connectTimeoutMs', 'a whole number of milliseconds', '-1'],
    [{ pingIntervalMs: '5' }, 'pingIntervalMs', 'a whole number of milliseconds', '"5"'],
    [{ pongTimeoutMs: 0 }, 'pongTimeoutMs', 'a whole number of milliseconds, 1 to 2147483647', '0'],
    [{ buffer: { neverPauses: false } }, 'buffer.neverPauses', 'a server disconnects a connection'],
    [{ signal: 'abort' }, 'signal', 'an AbortSignal', '"abort"'],
    [{ codexPath: 'codex' }, 'codexPath', 'unknown name'],
    [{ env: {} }, 'env', 'unknown name'],
    [{ connectTimeout: 5 }, 'connectTimeout', 'did you mean "connectTimeoutMs"'],
  ];

  test.each([...clientOptions, ...ofConnections].map(describeOption))(
    'L20 refuses a bad %s',
    async (_, options, argument, parts) => {
      const error = await errorOf(() => AsyncClient.connect(target, options as ConnectOptions));
      expectArgumentError(error, argument, parts);
    },
  );

  test('L20 refuses a bad target before anything else', async () => {
    const connecting = AsyncClient.connect({} as never, { requestTimeoutMs: -1 });
    expect(await errorOf(() => connecting)).toMatchObject({ argument: 'target' });
  });

  test('takes every option that is good, and reads at all times', () => {
    const { signal } = new AbortController();
    checkConnectOptions({
      connectTimeoutMs: 0,
      pingIntervalMs: 0,
      pongTimeoutMs: 1,
      shutdownGraceMs: 0,
      signal,
    });
    checkConnectOptions({ buffer: { neverPauses: true } });
    const settings = connectionSettingsOf({ buffer: { maxBytes: 5 } });
    expect(settings.flow).toMatchObject({ maxBytes: 5, neverPauses: true });
  });

  test('has the times that are documented', () => {
    expect(connectionOf({})).toEqual({
      timeoutMs: 30_000,
      signal: undefined,
      maxMessageBytes: 256 * 1024 * 1024,
      graceMs: 2_000,
      pulse: { intervalMs: 10_000, limitMs: 30_000 },
    });
    expect(
      connectionOf({
        connectTimeoutMs: 1,
        maxLineBytes: 2,
        shutdownGraceMs: 3,
        pingIntervalMs: 4,
        pongTimeoutMs: 5,
      }),
    ).toMatchObject({ timeoutMs: 1, maxMessageBytes: 2, graceMs: 3, pulse: { intervalMs: 4, limitMs: 5 } });
  });
});

describe('attach', () => {
  /** A child whose streams tell whether anybody touched them. */
  function untouchedChild() {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const touched = () =>
      stdin.readableLength > 0 || stdout.listenerCount('data') > 0 || stdout.listenerCount('end') > 1;
    return { child: { stdin, stdout }, touched };
  }

  test.each(clientOptions.map(describeOption))(
    'L20 refuses a bad %s',
    async (_, options, argument, parts) => {
      const { child, touched } = untouchedChild();
      const error = await errorOf(() => AsyncClient.attach(child, options as AttachOptions));
      expectArgumentError(error, argument, parts);
      expect(touched()).toBe(false);
    },
  );

  const notForAttach: BadOption[] = [
    [{ codexPath: 'codex' }, 'codexPath', 'unknown name'],
    [{ command: ['codex'] }, 'command', 'unknown name'],
    [{ signal: AbortSignal.abort() }, 'signal', 'unknown name'],
  ];
  test.each(notForAttach.map(describeOption))(
    'L20 refuses an option of a process that it does not start: %s',
    async (_, options, argument, parts) => {
      const { child, touched } = untouchedChild();
      const error = await errorOf(() => AsyncClient.attach(child, options as AttachOptions));
      expectArgumentError(error, argument, parts);
      expect(touched()).toBe(false);
    },
  );

  test.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'child', 'a child process or an object with stdin and stdout'],
    ['a pid', 4711, 'child', 'a child process or an object with stdin and stdout'],
    ['no stdin', { stdout: new PassThrough() }, 'child.stdin', 'a writable stream'],
    ['no stdout', { stdin: new PassThrough(), stdout: null }, 'child.stdout', 'a readable stream'],
    [
      'a path as stderr',
      { stdin: new PassThrough(), stdout: new PassThrough(), stderr: 'log' },
      'child.stderr',
      '"log"',
    ],
    ['a bad pid', { stdin: new PassThrough(), stdout: new PassThrough(), pid: -1 }, 'child.pid', '-1'],
  ])('L20 refuses %s as the child', async (_, child, argument, part) => {
    const error = await errorOf(() => AsyncClient.attach(child as never));
    expectArgumentError(error, argument, [part]);
  });
});
