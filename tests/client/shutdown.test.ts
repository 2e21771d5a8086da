/** shutdown(): at any moment, as often as one likes, over any server; and what it leaves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AsyncClient, ServerClosedError, type ServerMessage } from 'codex-async-client';
import { afterEach, describe, expect, test } from 'vitest';
import { openFiles, runningOf } from '../helpers/processes.js';
import { scriptedCommand, startScripted } from '../helpers/scripted.js';

const leftOver: number[] = [];
afterEach(() => {
  for (const pid of leftOver.splice(0)) process.kill(pid, 'SIGKILL');
});

/** What each of them rejects with. */
async function rejectionsOf(promises: readonly Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) => (one.status === 'rejected' ? one.reason : 'resolved'));
}

function expectShutDown(error: unknown): void {
  expect(error).toBeInstanceOf(ServerClosedError);
  expect(String(error)).toContain('the client was shut down');
}

describe('L13 shutdown()', () => {
  test('L13 L10 settles requests in flight and in line, runs, reads and a stuck write', async () => {
    const client = await startScripted('dies-when-told', [], { maxInFlightRequests: 2 });
    const requests = Array.from({ length: 5 }, () => client.request('thread/list', {}));
    const run = client.turnRun({ threadId: 't', input: 'go' });
    const inLine = client.turnRun({ threadId: 't', input: 'later' });
    const read = client.nextMessage();
    const filtered = client.events({ threadId: 't' }).next();
    const rejected = rejectionsOf([...requests, run.result(), run.next(), inLine.result(), inLine.next()]);
    await client.shutdown();
    for (const error of await rejected) expectShutDown(error);
    expect(await read).toBeUndefined();
    expect(await filtered).toEqual({ done: true, value: undefined });
    for (const error of await rejectionsOf([client.request('ping'), client.notify('ping')]))
      expectShutDown(error);
    expect(await client.closed).toMatchObject({
      expected: true,
      error: undefined,
      exitCode: 0,
      signal: null,
    });
  });

  test('L13 is idempotent: at once, again, and by await using; the server is asked to go once', async () => {
    const client = await startScripted('records-lines');
    await Promise.all([client.shutdown(), client.shutdown(), client[Symbol.asyncDispose]()]);
    await client.shutdown();
    expect(client.state).toBe('closed');
    expect(await client.closed).toBe(await client.closed);
    expect(await runningOf([client.pid], 'records-lines')).toEqual([]);
  });

  test('L13 orphaned app-servers: a function that throws in the middle of its work leaves no server behind', async () => {
    let pid: number | undefined;
    const work = async () => {
      await using client = await startScripted('echo-params');
      pid = client.pid;
      throw new Error('the work failed');
    };
    await expect(work()).rejects.toThrow('the work failed');
    expect(await runningOf([pid], 'echo-params')).toEqual([]);
  });

  test('L13 before initialize ends the server, and initialize() afterwards fails', async () => {
    const client = await AsyncClient.spawn({ command: scriptedCommand('records-lines') });
    await client.shutdown();
    expect(await client.closed).toMatchObject({ expected: true, exitCode: 0 });
    await expect(client.initialize()).rejects.toThrow('the client was shut down');
  });

  test('L13 during the handshake fails the handshake and ends the server', async () => {
    const client = await AsyncClient.spawn({ command: scriptedCommand('never-answers') });
    const [handshake] = await Promise.all([rejectionsOf([client.initialize()]), client.shutdown()]);
    expect(String(handshake[0])).toContain('the client was shut down');
    expect(await runningOf([client.pid], 'never-answers')).toEqual([]);
  });

  test('L13 in the middle of an events() loop ends the loop after everything received', async () => {
    const client = await startScripted('asks-the-client');
    for (let n = 0; n < 3; n += 1)
      await client.notify('ask', { method: 'warning', params: { message: `${n}` } });
    const seen: ServerMessage[] = [];
    for await (const message of client.events()) {
      seen.push(message);
      if (seen.length === 3) await client.shutdown();
    }
    expect(seen.map(({ params }) => Reflect.get(params ?? {}, 'message'))).toEqual(['0', '1', '2']);
  });

  test('L13 L10 after a crash settles, and calls go on rejecting with the error of the crash', async () => {
    const client = await startScripted('dies-when-told');
    const crash = await client.request('exit', { code: 4, stderr: 'boom' }).catch((error: unknown) => error);
    await client.shutdown();
    expect(await client.closed).toMatchObject({ expected: false, error: crash, exitCode: 4 });
    expect(await rejectionsOf([client.request('a'), client.notify('b'), client.nextMessage()])).toEqual([
      crash,
      crash,
      crash,
    ]);
  });

  test('L13 while the server crashes settles, whoever is first', async () => {
    const client = await startScripted('dies-when-told');
    const pending = rejectionsOf([client.request('never'), client.request('kill')]);
    await Promise.all([client.shutdown(), client.shutdown()]);
    for (const error of await pending) expect(error).toBeInstanceOf(ServerClosedError);
    expect(client.isAlive).toBe(false);
  });

  test('L13 L10 L8 over a server that does not read its stdin settles the stuck write and kills the server', async () => {
    const client = await AsyncClient.spawn({
      command: ['/bin/sh', '-c', 'exec sleep 1000'],
      shutdownGraceMs: 20,
    });
    const stuck = rejectionsOf([client.notify('x', { filler: 'x'.repeat(1 << 20) }), client.request('y')]);
    await client.shutdown();
    for (const error of await stuck) expectShutDown(error);
    expect(await client.closed).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  test('L13 waits for the exit of a server that only SIGKILL ends, also with a grace of 0', async () => {
    const client = await AsyncClient.spawn({
      command: ['/bin/sh', '-c', 'trap "" TERM; echo ignoring >&2; exec sleep 1000'],
      shutdownGraceMs: 0,
    });
    for await (const _ of client.takeStderr() ?? []) break;
    await client.shutdown();
    expect(await client.closed).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    expect(await runningOf([client.pid], 'sleep')).toEqual([]);
  });

  test('L13 over an attached child without kill settles everything and leaves the child alive', async () => {
    const [file = '', ...args] = scriptedCommand('never-answers');
    const child = spawn(file, args);
    const { stdin, stdout, stderr, pid } = child;
    const client = AsyncClient.attach({ stdin, stdout, stderr, pid });
    const pending = rejectionsOf([client.initialize(), client.request('a')]);
    await client.shutdown();
    expect(String((await pending)[0])).toContain('the client was shut down');
    expect(await client.closed).toMatchObject({ expected: true, exitCode: null, signal: null });
    expect(await runningOf([pid], 'never-answers')).toHaveLength(1);
    child.kill();
    await once(child, 'close');
  });
});

describe('L13 a grandchild that keeps the pipes open', () => {
  const SERVER = fileURLToPath(new URL('../../fixtures/servers/fault-leaves-grandchild.sh', import.meta.url));

  test.each(['exits', 'waits'])(
    'L13 L9 holds up nothing when the server %s, and no pipe of ours stays open',
    async (how) => {
      const before = openFiles();
      const client = await AsyncClient.spawn({ command: ['/bin/sh', SERVER, how] });
      const message = await client.nextMessage();
      const grandchild = Number(message?.method === 'warning' ? message.params.message : NaN);
      leftOver.push(grandchild);
      const pending = rejectionsOf([client.request('a')]);
      if (how === 'waits') await client.shutdown();
      const reason = await client.closed;
      expect(reason).toMatchObject({ exitCode: 3, signal: null, stderrTail: 'the last words' });
      expect((await pending)[0]).toBeInstanceOf(ServerClosedError);
      // It may not be `sleep` yet: the shell's copy of itself holds the pipes open, too.
      expect(await runningOf([grandchild], '')).toHaveLength(1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(openFiles()).toBe(before);
    },
  );
});
