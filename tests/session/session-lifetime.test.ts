/** How a session ends, whatever ends it, against a process that a test plays. */
import { ProtocolError, ServerClosedError } from 'codex-async-client';
import { describe, expect, test, vi } from 'vitest';
import { ask, delta, wire } from '../helpers/messages.js';
import { outcomeOf, turn } from '../helpers/piped-server.js';
import { readMain, startSession, turns } from './fake-process.js';

const BAD_LINE = '{"neither": "request nor answer"}\n';

describe('the process exits', () => {
  test('L9 and bytes that come with pauses afterwards are still read', async () => {
    const { process, session, send } = startSession();
    send(wire(delta(0)));
    process.exit({ exitCode: 3, signal: null });
    for (const n of [1, 2, 3, 4]) {
      // Shorter than the silence that counts as the end of a pipe that somebody else holds open.
      await turns(6);
      send(wire(delta(n)));
    }
    const reason = await session.closed;
    expect(reason).toMatchObject({ exitCode: 3, signal: null, expected: false });
    expect(reason.error?.message).toContain('; it wrote nothing to stderr');
    expect(reason.error).not.toHaveProperty('cause');
    expect(await readMain(session)).toEqual([0, 1, 2, 3, 4]);
    await expect(session.streams.main.take()).rejects.toBe(reason.error);
  });

  test('L9 and what its pipe holds is read, however full the buffers are', async () => {
    const { process, session, send } = startSession({ flow: { highWaterMark: 1, maxBytes: 200 } });
    for (const n of [0, 1, 2, 3, 4, 5]) send(wire(delta(n)));
    await turn();
    expect(session.stats().held.messages).toBeLessThan(6);
    expect(session.stats().paused.now).toBe(true);
    process.exit();
    await session.closed;
    expect(await readMain(session)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('L9 and its last words on stderr are waited for', async () => {
    const { process, session } = startSession();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    vi.spyOn(process.stderr, 'ended', 'get').mockReturnValue(ended);
    process.exit();
    process.stdout.end();
    expect(await outcomeOf(session.closed)).toBe('pending');
    vi.spyOn(process.stderr, 'tail', 'get').mockReturnValue('last words');
    end();
    const { error, stderrTail } = await session.closed;
    expect(stderrTail).toBe('last words');
    expect(error?.message).toContain('; the end of its stderr:\nlast words');
  });

  test('L9 and a whole last line without its line end counts, half of one does not', async () => {
    const whole = startSession();
    const call = whole.peer.call('x/y');
    whole.process.stdout.write('{"id":1,"result":"last words"}');
    whole.process.exit();
    expect(await call).toBe('last words');

    const half = startSession();
    const lost = half.peer.call('x/y');
    half.process.stdout.write('{"id":1,"result":"last wor');
    half.process.exit();
    await expect(lost).rejects.toBeInstanceOf(ServerClosedError);
    expect((await half.session.closed).error).toBeInstanceOf(ServerClosedError);
  });

  test.each(['stdin', 'stdout'] as const)(
    'L9 and what broke its %s first is the cause of the error',
    async (pipe) => {
      const { process, session, peer } = startSession();
      const call = peer.call('x/y').catch((reason: unknown) => reason);
      const broke = Object.assign(new Error('read EIO'), { code: 'EIO' });
      process[pipe].destroy(broke);
      await turn();
      process.stdin.destroy(new Error('a later one'));
      process.exit();
      const { error } = await session.closed;
      expect(error).toBeInstanceOf(ServerClosedError);
      expect(error?.cause).toBe(broke);
      expect(await call).toBe(error);
    },
  );

  test('L10 and everything that waits settles with one error, which later calls get, too', async () => {
    const { process, session, peer, send, received } = startSession({ maxInFlightRequests: 1 });
    const calls = [peer.call('x/sent'), peer.call('x/waits')];
    const request = ask(0);
    send(wire(request));
    const message = await session.streams.main.take();
    expect(message).toEqual(request);
    const read = session.streams.main.take();
    session.activity.startSent('t');
    const idle = session.activity.untilIdle('t');
    process.exit({ exitCode: null, signal: 'SIGKILL' });
    const { error } = await session.closed;
    expect(error).toBeInstanceOf(ServerClosedError);
    expect(error?.message).toContain('was ended by SIGKILL');
    for (const waiting of [...calls, read]) await expect(waiting).rejects.toBe(error);
    await idle;
    await expect(session.notify('x/late', undefined)).rejects.toBe(error);
    await expect(peer.call('x/late')).rejects.toBe(error);
    await expect(session.respond(0, {})).rejects.toBe(error);
    expect(session.stats().requests).toMatchObject({ inFlight: 0, waiting: 0, unansweredByUs: 0 });
    expect(process.isReleased).toBe(true);
    expect(process.stops).toBe(0);
    expect(received().map(({ method }) => method)).toEqual(['x/sent']);
  });
});

describe('a connection ends', () => {
  test('L9 and the error says how, and nothing of a stderr that there is not', async () => {
    const { process, session } = startSession();
    process.ending = 'the connection to x is gone';
    process.exit({ exitCode: null, signal: null });
    expect((await session.closed).error?.message).toBe('the connection to x is gone; connect again to go on');
  });

  test('L9 and the error has what its proxy wrote', async () => {
    const { process, session } = startSession();
    process.ending = 'the connection to x is gone';
    vi.spyOn(process.stderr, 'tail', 'get').mockReturnValue('no route');
    process.exit({ exitCode: null, signal: null });
    expect((await session.closed).error?.message).toMatch(/; the end of its stderr:\nno route$/);
  });

  test('L18 with what is no message: calls fail with that at once, and it is the reason', async () => {
    const { process, session, peer } = startSession();
    const call = peer.call('x/y');
    const broken = new ProtocolError('no message');
    process.stdout.destroy(broken);
    await expect(call).rejects.toBe(broken);
    expect(process.stops).toBe(1);
    process.exit();
    expect((await session.closed).error).toBe(broken);
  });

  test('L20 and what it does not take was never sent', async () => {
    const { session, peer, received } = startSession({}, 20);
    const params = { text: 'x'.repeat(20) };
    await expect(peer.call('x/y', params)).rejects.toThrow(
      'params: expected at most 20 bytes of JSON, got 31',
    );
    await expect(peer.notify('x/y', params)).rejects.toThrow('params: expected at most 20 bytes');
    await turn();
    expect(received()).toEqual([]);
    expect(session.stats().requests.inFlight).toBe(0);
  });
});

describe('a write fails', () => {
  test('L8 and the session ends with its cause, after what the server still writes', async () => {
    const { process, session, peer, send } = startSession();
    const epipe = new Error('EPIPE');
    process.stdin.destroy(epipe);
    const call = peer.call('x/y');
    await turn();
    expect(process.stops).toBe(1);
    send(wire(delta(1)));
    process.exit({ exitCode: 2, signal: null });
    const { error } = await session.closed;
    await expect(call).rejects.toBe(error);
    expect(error).toBeInstanceOf(ServerClosedError);
    expect(error).toMatchObject({ exitCode: 2, cause: epipe });
    expect(await readMain(session)).toEqual([1]);
  });

  test('L8 and a process that is not ours is let go, and said to be', async () => {
    const { process, session } = startSession();
    process.stdin.destroy();
    session.notify('x/y', undefined).catch(() => {});
    process.letGo();
    expect((await session.closed).error?.message).toContain('the codex app-server was let go');
  });

  test('L8 when all is over, and nobody is asked to go', async () => {
    const { process, session } = startSession();
    let fail = (_error: Error) => {};
    const stuck = (_text: string, done: (error: Error) => void) => {
      fail = done;
      return false;
    };
    vi.spyOn(process.stdin, 'write').mockImplementation(stuck as never);
    const write = session.notify('x/y', undefined);
    write.catch(() => {});
    await turn();
    process.exit();
    const { error } = await session.closed;
    fail(new Error('EPIPE'));
    await turn();
    expect(process.stops).toBe(0);
    await expect(write).rejects.toBe(error);
  });

  test('L8 at shutdown is no failure', async () => {
    const { process, session } = startSession();
    process.stdin.destroy();
    const write = session.notify('x/bye', undefined);
    const down = session.shutdown();
    process.exit();
    await down;
    await expect(write).rejects.toThrow('the client was shut down');
    expect(await session.closed).toMatchObject({ expected: true, error: undefined });
  });
});

describe('stdout ends', () => {
  test.each(['end', 'destroy'] as const)(
    'L10 (%s) and the server, which nobody hears any more, is asked to go',
    async (how) => {
      const { process, session } = startSession();
      process.stdout[how]();
      await turn();
      expect(process.stops).toBe(1);
      process.exit({ exitCode: null, signal: 'SIGTERM' });
      expect((await session.closed).error).toBeInstanceOf(ServerClosedError);
    },
  );

  test.each(['end', 'close', 'error'])(
    'L10 is known by any of its events (%s), for a stream of somebody else may give one alone',
    async (event) => {
      const { process } = startSession();
      process.stdout.emit(event, new Error('broken'));
      await turn();
      expect(process.stops).toBe(1);
    },
  );

  test('L9 after the exit, and nobody waits for silence', async () => {
    const { process, session } = startSession();
    process.exit();
    process.stdout.end();
    let isClosed = false;
    session.closed.then(() => {
      isClosed = true;
    });
    // Fewer than the turns of silence that are waited for when a pipe does not end.
    await turns(6);
    expect(isClosed).toBe(true);
  });

  test('L10 of a process that is not ours, and the session is over without an exit', async () => {
    const { process, session } = startSession();
    process.stdout.end();
    process.letGo();
    const { error } = await session.closed;
    expect(error?.message).toContain('the codex app-server closed its output');
    expect(process.hasExited).toBe(false);
    process.exit();
    await turns(12);
    expect(session.closingError).toBe(error);
  });

  test('L9 together with the exit, and it is not asked to go', async () => {
    const { process, session } = startSession();
    process.exit({ exitCode: 1, signal: null });
    process.stdout.end(`${JSON.stringify(wire(delta(1)))}\n`);
    expect((await session.closed).error?.message).toContain('exited with code 1');
    expect(process.stops).toBe(0);
    expect(await readMain(session)).toEqual([1]);
  });
});

describe('a line is no message', () => {
  test('L18 calls fail at once, streams after what came before it, and nothing behind it is read', async () => {
    const { process, session, peer } = startSession();
    const call = peer.call('x/y');
    const [before, behind] = [1, 2].map((n) => `${JSON.stringify(wire(delta(n)))}\n`);
    process.stdout.write(`${before}${BAD_LINE}${behind}`);
    await expect(call).rejects.toBeInstanceOf(ProtocolError);
    const error = session.closingError;
    await expect(peer.call('x/late')).rejects.toBe(error);
    expect(process.stops).toBe(1);
    process.stdout.write(`${behind}${BAD_LINE}{"id":1,"result":0}`);
    process.exit();
    expect(await session.closed).toMatchObject({ expected: false, error });
    expect(await readMain(session)).toEqual([1]);
    await expect(session.streams.main.take()).rejects.toBe(error);
  });

  test('L18 and a whole line behind it without its line end is no message any more', async () => {
    const { process, session } = startSession();
    process.stdout.write(`${BAD_LINE}${JSON.stringify(wire(delta(1)))}`);
    process.exit();
    await session.closed;
    expect(session.stats().messages.received).toBe(0);
  });

  test('L18 what the server still writes is thrown away, so that it can go', async () => {
    const { process, session } = startSession();
    process.stdout.write(BAD_LINE);
    await turn();
    process.stdout.write('x'.repeat(1_000_000));
    await turns(3);
    expect(process.stdout.readableLength + process.stdout.writableLength).toBe(0);
    process.exit();
    await session.closed;
    expect(session.stats().noiseLines).toBe(0);
  });

  test('L18 what the server still writes is thrown away when the buffers are full, too', async () => {
    const { process, session } = startSession({ flow: { highWaterMark: 1, maxBytes: 1 } });
    session.streams.openMain();
    process.stdout.write(`${JSON.stringify(wire(delta(1)))}\n${BAD_LINE}`);
    await turn();
    process.stdout.write('x'.repeat(1_000_000));
    await turns(3);
    expect(process.stdout.readableLength + process.stdout.writableLength).toBe(0);
  });

  test('L18 during a shutdown, and it is the error of what was cut off', async () => {
    const { process, session, peer } = startSession();
    const call = peer.call('x/y');
    const down = session.shutdown();
    process.stdout.write(BAD_LINE);
    await expect(call).rejects.toBeInstanceOf(ProtocolError);
    process.exit();
    await down;
    expect(await session.closed).toMatchObject({ expected: true, error: expect.any(ProtocolError) });
  });

  test('L18 after the exit, too', async () => {
    const { process, session } = startSession();
    process.exit();
    await turn();
    process.stdout.write(BAD_LINE);
    expect((await session.closed).error).toBeInstanceOf(ProtocolError);
    expect(process.stops).toBe(1);
  });
});

describe('a server that is found dead', () => {
  const dead = new Error('it was asked and said nothing');

  test('is ended as by shutdown(), and all that is cut off gets one error with that cause', async () => {
    const { process, session, peer, send } = startSession();
    const [answered, lost] = [peer.call('x/answered'), peer.call('x/lost')];
    const read = session.streams.main.take();
    peer.giveUp(dead);
    const error = session.closingError;
    expect(error).toBeInstanceOf(ServerClosedError);
    expect(error?.message).toContain('was given up: it was asked and said nothing');
    expect(error?.cause).toBe(dead);
    await expect(peer.call('x/late')).rejects.toBe(error);
    send({ id: 1, result: 'still' });
    expect(await answered).toBe('still');
    process.exit({ exitCode: null, signal: 'SIGKILL' });
    for (const cut of [lost, read]) await expect(cut).rejects.toBe(error);
    expect(await session.closed).toMatchObject({ expected: false, error, signal: 'SIGKILL' });
    expect(process.stops).toBe(1);
  });

  test('is found so once, and stays so when the client is shut down', async () => {
    const { process, session, peer } = startSession();
    peer.giveUp(dead);
    peer.giveUp(new Error('again'));
    const down = session.shutdown();
    process.exit();
    await down;
    expect(await session.closed).toMatchObject({ expected: false, error: { cause: dead } });
    expect(process.stops).toBe(1);
  });

  test.each([
    ['is being shut down', (session: ReturnType<typeof startSession>['session']) => void session.shutdown()],
    ['has gone', () => {}],
  ])('is left alone when it %s', async (_, end) => {
    const { process, session, peer } = startSession();
    end(session);
    process.exit({ exitCode: 3, signal: null });
    await turn();
    peer.giveUp(dead);
    const { error } = await session.closed;
    expect(error?.cause).toBeUndefined();
    expect(error === undefined || error.message.includes('exited with code 3')).toBe(true);
  });
});

describe('what a session leaves', () => {
  test('is what was asked and not answered, and the turns that ran, once it has closed', async () => {
    const { process, session, peer, send } = startSession();
    const scope = { threadId: 't', turnId: 'u' };
    send(wire(ask(0, scope)), wire(ask(1, scope)), { id: 'x', method: 'some/new', params: {} });
    send({ method: 'turn/started', params: { threadId: 't', turn: { id: 'u' } } });
    await turn();
    await session.respond(0, {});
    session.activity.startSent('starting');
    session.turnGate.enter({ threadId: 't', turnId: 'u', turnedBack: () => {} });
    session.turnGate.enter({ threadId: 'just named', turnId: 'v', turnedBack: () => {} });
    session.turnGate.enter({ threadId: 'in line', turnId: undefined, turnedBack: () => {} });
    expect(peer.left).toBeUndefined();
    process.exit();
    await session.closed;
    expect(peer.left).toEqual({
      requests: [
        { id: 1, method: 'item/tool/call', ...scope, itemId: 'call 1' },
        { id: 'x', method: 'some/new', threadId: undefined, turnId: undefined, itemId: undefined },
      ],
      turns: [
        { threadId: 't', turnId: 'u' },
        { threadId: 'starting', turnId: undefined },
        { threadId: 'just named', turnId: 'v' },
      ],
    });
  });

  test('is nothing when nothing was under way', async () => {
    const { process, session, peer } = startSession();
    const down = session.shutdown();
    process.exit();
    await down;
    expect(peer.left).toEqual({ requests: [], turns: [] });
  });
});
