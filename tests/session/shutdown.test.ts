/** How `shutdown()` ends a session, against a process that a test plays. */
import { PassThrough } from 'node:stream';
import { AsyncClient, ServerClosedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ask, delta, wire } from '../helpers/messages.js';
import { outcomeOf, turn } from '../helpers/piped-server.js';
import { readMain, startSession } from './fake-process.js';

describe('shutdown', () => {
  test('L13 of a client that is paused reads on, for a server whose output is not read does not go', async () => {
    const { process, session, send } = startSession({ flow: { highWaterMark: 1, maxBytes: 1_000_000 } });
    for (const n of [0, 1]) send(wire(delta(n)));
    await turn();
    expect(session.stats()).toMatchObject({ paused: { now: true }, held: { messages: 1 } });
    const down = session.shutdown();
    await turn();
    expect(session.stats()).toMatchObject({ paused: { now: false }, held: { messages: 2 } });
    send(wire(delta(2)));
    await turn();
    expect(session.stats().held.messages).toBe(3);
    process.exit();
    await down;
    expect(await readMain(session)).toEqual([0, 1, 2]);
    expect(await session.streams.main.take()).toBeUndefined();
  });

  test('L13 asks the process to go once, and is over when the process is gone', async () => {
    const { process, session } = startSession();
    const downs = [session.shutdown(), session.shutdown()];
    expect(await outcomeOf(Promise.race(downs))).toBe('pending');
    process.exit();
    await Promise.all([...downs, session.shutdown()]);
    expect(process.stops).toBe(1);
    expect(await session.closed).toMatchObject({ exitCode: 0, expected: true, error: undefined });
  });

  test('L10 refuses notifications and answers from then on, too, and nothing of them is sent', async () => {
    const { session, send, received } = startSession();
    send(wire(ask(0)));
    await turn();
    const down = outcomeOf(session.shutdown());
    const error = session.closingError;
    expect(error).toMatchObject({ exitCode: null, signal: null, stderrTail: '' });
    await expect(session.notify('x/late', undefined)).rejects.toBe(error);
    await expect(session.respond(0, {})).rejects.toBe(error);
    await expect(session.respondError(0, 1, 'no', undefined)).rejects.toBe(error);
    await turn();
    expect(received()).toEqual([]);
    expect(await down).toBe('pending');
  });

  test('L13 settles when all is settled that waited, not before', async () => {
    const { process, session } = startSession();
    let isClosed = false;
    session.closed.then(() => {
      isClosed = true;
    });
    const down = session.shutdown();
    process.exit();
    await down;
    expect(isClosed).toBe(true);
  });

  test('L10 refuses calls from then on, and settles those before it when the process is gone', async () => {
    const { process, session, peer, send } = startSession();
    const [answered, lost] = [peer.call('x/answered'), peer.call('x/lost')];
    const down = session.shutdown();
    await expect(peer.call('x/late')).rejects.toThrow('the client was shut down');
    expect(session.closingError).toBeInstanceOf(ServerClosedError);
    send({ id: 1, result: 'still' });
    expect(await answered).toBe('still');
    process.exit();
    await down;
    await expect(lost).rejects.toBe(session.closingError);
  });

  test('L13 of a process that is not ours lets go of it, and it lives on', async () => {
    const { process, session, peer, send } = startSession();
    const call = peer.call('x/y');
    const down = session.shutdown();
    process.letGo();
    await down;
    await expect(call).rejects.toThrow('the client was shut down');
    send(wire(delta(1)));
    await turn();
    expect(session.stats().messages.received).toBe(0);
    expect(await session.closed).toMatchObject({ exitCode: null, signal: null, expected: true });
    expect(process.hasExited).toBe(false);
    process.exit();
    await turn();
    expect(await session.closed).toMatchObject({ exitCode: null, signal: null });
  });

  test('L8 what was sent before it goes out before stdin ends', async () => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const chunks: Buffer[] = [];
    stdin.on('data', (chunk: Buffer) => chunks.push(chunk));
    stdin.on('end', () => stdout.end());
    const client = AsyncClient.attach({ stdin, stdout, kill: () => {} });
    const sent = client.notify('x/bye');
    await client.shutdown();
    await sent;
    expect(Buffer.concat(chunks).toString()).toBe('{"method":"x/bye"}\n');
  });

  test('after the end changes nothing', async () => {
    const { process, session } = startSession();
    process.exit({ exitCode: 1, signal: null });
    const reason = await session.closed;
    await session.shutdown();
    expect(await session.closed).toBe(reason);
    expect(reason.expected).toBe(false);
    expect(session.closingError).toBe(reason.error);
  });
});
