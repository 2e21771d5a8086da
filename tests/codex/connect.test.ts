/** A running codex, reached over its socket, its port and a proxy; several clients on one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AsyncClient,
  approve,
  type ConnectionError,
  type ConnectTarget,
  StaleRequestError,
} from 'codex-async-client';
import { repeatText, shellCommand, text } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { isRunning } from '../app-server/processes.js';
import { sized } from '../helpers/sizes.js';
import { ListeningCodex, TOKEN } from './listening-codex.js';

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

const MIB = 1024 * 1024;

/** How the server is reached, and where it listens. */
const WAYS: [string, 'socket' | 'port', (codex: ListeningCodex) => ConnectTarget][] = [
  ['its socket', 'socket', ({ socketPath }) => ({ socketPath })],
  ['its port', 'port', ({ address }) => ({ url: address, bearerToken: TOKEN })],
  [
    'a proxy',
    'socket',
    ({ codexPath, socketPath }) => ({ proxy: [codexPath, 'app-server', 'proxy', '--sock', socketPath] }),
  ],
];

describe.each(WAYS)('over %s', (_, where, targetOf) => {
  test('L13 a client runs turns, and its end leaves the server to the next one', async () => {
    await using codex = await ListeningCodex.start(where);
    for (const input of ['one', 'two']) {
      await using client = await AsyncClient.connect(targetOf(codex));
      const { finalMessage } = await client.threadRun({ turn: input }).result();
      expect(finalMessage).toContain(input);
      const { pid } = client;
      await client.shutdown();
      expect(await client.closed).toMatchObject({ expected: true, exitCode: null });
      if (pid !== undefined) expect(await isRunning(pid)).toBe(false);
      expect(codex.isRunning).toBe(true);
    }
  });

  test('what is longer than a frame goes both ways, and what is too long is refused before it is sent', async () => {
    await using codex = await ListeningCodex.start(where);
    await using client = await AsyncClient.connect(targetOf(codex));
    const path = join(codex.provider.options.codexHome, 'large');
    const dataBase64 = 'A'.repeat(20 * MIB);
    await client.fsWriteFile({ path, dataBase64 });
    expect((await client.fsReadFile({ path })).dataBase64 === dataBase64).toBe(true);
    const tooLong = { path, dataBase64: 'A'.repeat(64 * MIB) };
    expect(await errorOf(client.fsWriteFile(tooLong))).toMatchObject({ argument: 'params' });
    // Whole, the longest that is not refused.
    const rest = JSON.stringify({ path, dataBase64: '' }).length;
    const longest = 'A'.repeat(sized(64 * MIB - 1024 - rest, 24 * MIB));
    await client.fsWriteFile({ path, dataBase64: longest.slice(longest.length % 4) });
    expect(client.state).toBe('ready');
  });

  test('a server that is killed ends the client with one error', async () => {
    await using codex = await ListeningCodex.start(where);
    // The proxy of codex does not tell before something is written: it takes a ping.
    await using client = await AsyncClient.connect(targetOf(codex), { pingIntervalMs: 100 });
    const { thread } = await client.threadStart({});
    codex.provider.enqueue(text(repeatText('word ', 1_000_000)));
    const run = client.turnRun({ threadId: thread.id, input: 'go' });
    await run.started();
    await codex.kill();
    const error = await errorOf(run.result());
    expect(error).toMatchObject({ code: 'CODEX_SERVER_CLOSED', exitCode: null, signal: null });
    expect(String(error)).toMatch(/the connection to the codex app-server .*; connect again to go on/);
    expect(error).toHaveProperty('cause', (await client.closed).error);
  });
});

test('5,000 calls at once are all answered', async () => {
  await using codex = await ListeningCodex.start();
  await using client = await AsyncClient.connect({ socketPath: codex.socketPath });
  const calls = Array.from({ length: 5_000 }, () => client.threadLoadedList({}));
  expect(new Set((await Promise.all(calls)).map(({ data }) => data.length))).toEqual(new Set([0]));
});

test('a server that wants a token says so, and no message shows the token', async () => {
  await using codex = await ListeningCodex.start('port');
  const without = await errorOf(AsyncClient.connect({ url: codex.address }));
  expect(without).toMatchObject({ code: 'CODEX_CONNECTION', statusCode: 401 });
  expect(String(without)).toContain('it wants a token (HTTP 401); give it as bearerToken');
  const wrong = await errorOf(AsyncClient.connect({ url: codex.address, bearerToken: 'not-this-one' }));
  expect(wrong).toMatchObject({ statusCode: 401 });
  expect(String(wrong)).toContain('it refused the bearerToken');
  expect(String(wrong)).not.toContain('not-this-one');
});

test('a page of the server is no WebSocket, and is told so', async () => {
  await using codex = await ListeningCodex.start('port');
  const failure = await errorOf(AsyncClient.connect({ url: `${codex.address}/readyz`, bearerToken: TOKEN }));
  expect(failure).toMatchObject({ statusCode: 200, target: `${codex.address}/readyz` });
  expect(String(failure)).toContain('speaks no WebSocket');
});

test('a proxy without a server says what the proxy said', async () => {
  await using codex = await ListeningCodex.start();
  const { codexPath } = codex;
  const proxy = [codexPath, 'app-server', 'proxy', '--sock', '/no/such/socket'];
  // Known to be one: it is the class of every failure to connect.
  const failure = (await errorOf(AsyncClient.connect({ proxy }))) as ConnectionError;
  expect(failure.message).toContain('it exited with code 1; the end of its stderr:');
  expect(failure.stderrTail).toContain('failed to connect to socket at /no/such/socket');
});

test('L12 a request goes to every client under one id, the first answer wins, and the others’ is stale', async () => {
  await using codex = await ListeningCodex.start();
  await using first = await AsyncClient.connect({ socketPath: codex.socketPath });
  await using second = await AsyncClient.connect({ socketPath: codex.socketPath });
  const cwd = codex.provider.options.codexHome;
  const { thread } = await first.threadStart({ approvalPolicy: 'on-request', cwd });
  codex.provider.enqueue(shellCommand('echo hi > out.txt', { escalate: true }), text('ran'));
  // A thread is written down with its first turn, and can be joined from then on.
  const turn = await first.turnStart({ threadId: thread.id, input: 'go' });
  const methods = ['item/commandExecution/requestApproval'] as const;
  const asked = await first.nextMessage({ methods });
  await second.threadResume({ threadId: thread.id });
  const askedToo = await second.nextMessage({ methods });
  if (asked?.kind !== 'request' || askedToo?.kind !== 'request') throw new Error('nobody was asked');
  expect(askedToo.id).toBe(asked.id);
  const withdrawn = first.signalOf(asked);
  await second.respond(askedToo, approve(askedToo));
  const end = await first.nextMessage({ methods: ['turn/completed'], turnId: turn.turn.id });
  expect(end?.params).toMatchObject({ turn: { status: 'completed' } });
  expect(withdrawn.aborted).toBe(true);
  expect(await errorOf(first.respond(asked, approve(asked)))).toBeInstanceOf(StaleRequestError);
  expect(await readFile(join(cwd, 'out.txt'), 'utf8')).toBe('hi\n');
});
