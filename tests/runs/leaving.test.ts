/** Work that is left at an awkward moment: what was begun is ended at the server, what was not is never begun. */
import { describe, expect, test } from 'vitest';
import { PipedServer } from '../helpers/piped-server.js';
import { PlayedServer } from './played-server.js';

/** Long-running requests that hold a place while the server takes them. */
const STARTS = 64;

describe('a thread run', () => {
  test('L11 that is left in the moment its thread is there interrupts the turn, or never starts it', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'x' });
    // Settles between the moment the turn is begun and the moment the run knows of it.
    const left = server.client.request('x/mark').then(() => run.return());
    const [start, mark] = [await server.next('thread/start'), await server.next('x/mark')];
    server.piped.send({ id: start.id, result: { thread: { id: 't' } } }, { id: mark.id, result: {} });
    await left;
    await server.piped.quiet();
    if (server.sent('turn/start') === 0) return;
    (await server.turn()).accept().started();
    expect((await server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: 'turn-1' });
  });
});

describe('a command that waits in line', () => {
  /** What was sent of one process, in order. */
  const sentOf = (server: PipedServer, processId: string) =>
    server.received
      .filter(({ params }) => params?.['processId'] === processId)
      .map(({ method, params }) => (params?.['closeStdin'] === true ? 'close' : method));

  /** Answers everything but the commands themselves, until nothing more comes. */
  async function answerWrites(server: PipedServer): Promise<void> {
    for (let seen = 0; seen < server.received.length; ) {
      const fresh = server.received.slice(seen);
      seen = server.received.length;
      for (const { id, method } of fresh) if (method !== 'command/exec') server.send({ id, result: {} });
      await server.quiet();
    }
  }

  test.each([64, 128])(
    'L8 gets its input after it was sent, with %i requests in flight',
    async (maxInFlightRequests) => {
      const server = new PipedServer({ maxInFlightRequests });
      const runs = Array.from({ length: STARTS + 2 }, () =>
        server.client.commandRun({ command: ['cat'], input: 'text' }),
      );
      await server.receivedRequests(STARTS);
      await server.quiet();
      await answerWrites(server);
      for (const { processId } of runs)
        expect(sentOf(server, processId)).toEqual(['command/exec', 'command/exec/write', 'close']);
    },
  );

  test.each(['left', 'aborted'])('L11 is never sent when it is %s', async (how) => {
    const server = new PipedServer();
    const abort = new AbortController();
    const others = Array.from({ length: STARTS }, () => server.client.commandRun({ command: ['cat'] }));
    const run = server.client.commandRun({ command: ['cat'] }, { signal: abort.signal });
    const [first] = await server.receivedRequests(STARTS);
    if (how === 'left') await run.return();
    else abort.abort();
    await expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
    server.send({ id: first?.id, result: { exitCode: 0, stdout: '', stderr: '' } });
    await others[0]?.result();
    await server.quiet();
    expect(sentOf(server, run.processId)).toEqual([]);
  });
});

describe('a wait for a login', () => {
  test('L3 that gave up is no demand any more', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 2 } });
    const starting = server.client.login({ type: 'chatgptDeviceCode' });
    const answer = { type: 'chatgptDeviceCode', loginId: 'l', userCode: 'u', verificationUrl: 'v' };
    server.answer(await server.next('account/login/start'), answer);
    const login = await starting;
    await expect(login.completed({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    await expect(login.completed({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    for (let n = 0; n < 4; n += 1) {
      server.piped.send({ method: 'x/y', params: {} });
      await server.piped.quiet();
    }
    expect(server.client.stats()).toMatchObject({ held: { messages: 2 }, paused: { now: true } });
  });
});

describe('one signal for many', () => {
  test('commands, watches and logins makes no warning of a leak', async () => {
    await using server = new PlayedServer();
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const { signal } = new AbortController();
    for (let n = 0; n < 20; n += 1) {
      server.client.commandRun({ command: ['cat'] }, { signal });
      server.client.fileWatch({ path: '/x' }, { signal });
    }
    // Node.js emits warnings in the next tick.
    await server.piped.quiet();
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});
