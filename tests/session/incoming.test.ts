/**
 * What the server writes, from bytes to where it belongs. Input that no well-behaved server gives becomes an error of the
 * client, never of the host.
 */
import { PassThrough, Readable } from 'node:stream';
import { AsyncClient, BackpressureError, ProtocolError } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StandingAnswerTable } from '../../src/session/answers/standing-answers.js';
import { bytesInUse } from '../helpers/heap.js';
import { ask, delta, numberOf, wire } from '../helpers/messages.js';
import { outcomeOf, PipedServer, turn } from '../helpers/piped-server.js';
import { startSession, turns } from './fake-process.js';

const LINE = '{"method":"x/y","params":{"text":"é"}}\n';

describe('stdout', () => {
  test('L19 that was told to give text is read all the same', async () => {
    const stdout = new PassThrough();
    const client = AsyncClient.attach({ stdin: new PassThrough(), stdout });
    stdout.setEncoding('utf8');
    stdout.write(LINE);
    expect(await client.nextMessage()).toMatchObject({ params: { text: 'é' } });
  });

  test.each([
    ['texts', LINE],
    ['plain byte arrays', new TextEncoder().encode(LINE)],
  ])('L19 that is a stream of %s is read all the same', async (_kind, chunk) => {
    const client = AsyncClient.attach({ stdin: new PassThrough(), stdout: Readable.from([chunk]) });
    expect(await client.nextMessage()).toMatchObject({ params: { text: 'é' } });
  });

  test('L18 that gives what is neither closes the client with an error', async () => {
    const client = AsyncClient.attach({
      stdin: new PassThrough(),
      stdout: Readable.from([{ method: 'x/y' }]),
    });
    await expect(client.nextMessage()).rejects.toBeInstanceOf(ProtocolError);
    const { error } = await client.closed;
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error?.message).toContain('a chunk that is neither bytes nor text');
  });

  test('L10 with a piece of command output that has no bytes does not keep the client from closing', async () => {
    const server = new PipedServer();
    const abort = new AbortController();
    const run = server.client.commandRun({ command: ['cat'] }, { signal: abort.signal });
    await server.receivedRequests(1);
    const params = { processId: run.processId, stream: 'stdout' };
    server.send({ method: 'command/exec/outputDelta', params });
    await server.quiet();
    abort.abort();
    server.end();
    expect(await outcomeOf(server.client.closed)).toMatchObject({ expected: false });
    expect(await server.client.nextMessage()).toMatchObject({ params });
  });
});

describe('a message', () => {
  test('L2 an answer settles its call while its chunk is read, before a message behind it is handed out', async () => {
    const { session, peer, send } = startSession();
    const order: string[] = [];
    const call = peer.call(
      'x/y',
      {},
      {},
      { onResult: () => order.push(`answer, ${session.streams.received} before`) },
    );
    const read = session.streams.main.take().then(() => order.push('message'));
    send(wire(delta(1)), { id: 1, result: {} }, wire(delta(2)));
    await Promise.all([call, read]);
    expect(order).toEqual(['answer, 1 before', 'message']);
  });

  test('L12 a server request is on record before anybody can answer it', async () => {
    const { session, send } = startSession();
    const open: number[] = [];
    const follower = {
      learn: () => {},
      observe: () => open.push(session.responder.ledger.openCount),
      ended: () => {},
    };
    session.streams.follow(follower, 'thread');
    send(wire(ask(1)), wire(ask(2)));
    await turn();
    expect(open).toEqual([1, 2]);
  });

  test('L17 a request that has a standing answer reaches neither streams nor followers', async () => {
    const standingAnswers = new StandingAnswerTable({
      'item/tool/call': { contentItems: [], success: true },
    });
    const { session, send, received } = startSession({ standingAnswers });
    send(wire(ask(1)), wire(delta(2)));
    expect(numberOf(await session.streams.main.take())).toBe(2);
    expect(session.stats().messages).toMatchObject({ received: 1, standingAnswers: 1 });
    await turn();
    expect(received()).toEqual([{ id: 1, result: { contentItems: [], success: true } }]);
  });

  test('L12 that withdraws a request is handed out like others, and without params withdraws none', async () => {
    const { session, send } = startSession();
    send(wire(ask(0)), { method: 'serverRequest/resolved' });
    send({ method: 'serverRequest/resolved', params: { threadId: 'thread', requestId: 1 } });
    await turn();
    expect(session.stats().requests.unansweredByUs).toBe(1);
    send({ method: 'serverRequest/resolved', params: { threadId: 'thread', requestId: 0 } });
    await turn();
    expect(session.stats().requests.unansweredByUs).toBe(0);
    expect(session.streams.main.unread).toBe(4);
    expect(session.closingError).toBeUndefined();
  });

  test('of a turn makes its thread busy', async () => {
    const { session, send } = startSession();
    send({ method: 'turn/started', params: { threadId: 't', turn: { id: 'u' } } });
    await turn();
    expect(session.activity.turnOf('t')).toBe('u');
  });

  test('L3 counts by the bytes of its line, whatever its characters', async () => {
    const { process, session } = startSession();
    const lines = ['{"method":"x/y","params":"abc"}', '{"method":"x/y","params":"äöü€😀"}'];
    const bytes = lines.map((line) => Buffer.byteLength(line));
    process.stdout.write(`${lines[0]}\n`);
    await turn();
    expect(session.stats().held.bytes).toBe(bytes[0]);
    process.stdout.write(`${lines.join('\n')}\n`);
    await turn();
    expect(session.stats().held.bytes).toBe(2 * Number(bytes[0]) + Number(bytes[1]));
  });

  test('counts as delivered when it is neither unread, nor given up, nor dropped', async () => {
    const { session, send } = startSession();
    const left = session.streams.open({ keys: { threadId: 'left' }, precedence: 4 });
    send(...[1, 2, 3, 4, 5, 6].map((n) => wire(delta(n))));
    await turn();
    await session.streams.main.take();
    session.streams.main.evict(1);
    left.leave();
    send(...[7, 8].map((n) => wire(delta(n, { threadId: 'left' }))));
    await turn();
    expect(session.stats()).toMatchObject({
      held: { messages: 4 },
      messages: { received: 8, delivered: 1, evicted: 1, discarded: 2 },
    });
  });

  test('L5 counts as what it costs where its text is a poor measure, and no less is given back', async () => {
    const { process, session } = startSession({ flow: { highWaterMark: 1_000, maxBytes: 64_000_000 } });
    const line = `{"method":"x/y","params":[${Array(20_000).fill('[]').join(',')}]}`;
    const before = await bytesInUse();
    for (let n = 0; n < 40; n += 1) process.stdout.write(`${line}\n`);
    await turns(50);
    const { bytes, messages } = session.stats().held;
    expect(messages).toBe(40);
    const cost = (await bytesInUse()) - before;
    expect(cost / bytes).toBeGreaterThan(0.6);
    expect(cost / bytes).toBeLessThan(1.4);
    for (let n = 0; n < 40; n += 1) await session.streams.main.take();
    expect(session.stats().held.bytes).toBe(0);
  });

  test('L5 a flood of many small values stops at maxBytes of memory, not of text', async () => {
    const { process, session, peer } = startSession({ flow: { highWaterMark: 1_000, maxBytes: 4_000_000 } });
    session.streams.openMain();
    const line = `{"method":"x/y","params":[${Array(20_000).fill('[]').join(',')}]}`;
    const call = peer.call('x/y').catch((error: unknown) => error);
    for (let n = 0; n < 10; n += 1) process.stdout.write(`${line}\n`);
    await turns(50);
    expect(await call).toBeInstanceOf(BackpressureError);
    expect(session.stats().held.messages).toBeLessThan(10);
  });

  test('L18 a line that is noise is counted and harms nobody', async () => {
    const { process, session, send } = startSession();
    process.stdout.write('WARN something\n\n[1]\n');
    send(wire(delta(1)));
    expect(numberOf(await session.streams.main.take())).toBe(1);
    expect(session.stats().noiseLines).toBe(3);
    expect(session.closingError).toBeUndefined();
  });

  test('L18 a line that is longer than maxLineBytes closes the client and is named', async () => {
    const { process, session, send } = startSession({ maxLineBytes: 100 });
    send({ method: 'x/y', params: {} });
    process.stdout.write(`{"method":"x/long","params":"${'x'.repeat(100)}`);
    await turn();
    expect(session.closingError).toBeInstanceOf(ProtocolError);
    expect(session.closingError?.message).toContain('a line that is longer than maxLineBytes');
    expect(session.closingError?.message).toContain('{"method":"x/long"');
    expect(session.streams.main.unread).toBe(1);
  });

  test('L18 what a malformed one trips over closes the client, names the line, and does not reach the host', async () => {
    const server = new PipedServer();
    const call = server.client.request('x/y', {});
    const stream = server.client.events();
    const trip = new TypeError('no such member');
    const follower = {
      learn: () => {},
      observe: () => {
        throw trip;
      },
      ended: () => {},
    };
    server.client['peer'].follow(follower, 'thread');
    const message = { method: 'item/completed', params: { threadId: 'thread' } };
    server.send(message);
    await expect(call).rejects.toBeInstanceOf(ProtocolError);
    expect((await stream.next()).value).toMatchObject(message);
    await expect(stream.next()).rejects.toMatchObject({
      cause: trip,
      message: expect.stringContaining(JSON.stringify(message)),
    });
    expect(server.client['peer'].closingError?.message).toContain(
      'a message that lacks what its method promises',
    );
  });

  test('L1 L19 wherever the chunks are cut, the same messages come in the same order', async () => {
    const text = [
      'noise é',
      ...[1, 2, 3].map((n) => JSON.stringify({ ...wire(delta(n)), extra: 'é\u2028😀' })),
      JSON.stringify({ id: 1, result: 'é' }),
      JSON.stringify(wire(ask(4))),
      '',
    ].join('\r\n');
    const bytes = Buffer.from(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (cuts) => {
        const { process, session, peer } = startSession();
        const call = peer.call('x/y');
        const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
        let from = 0;
        for (const end of ends) {
          if (end > from) process.stdout.write(bytes.subarray(from, end));
          from = end;
        }
        expect(await call).toBe('é');
        const numbers = [];
        for (let read = 0; read < 4; read += 1) numbers.push(numberOf(await session.streams.main.take()));
        expect(numbers).toEqual([1, 2, 3, 4]);
        expect(session.stats()).toMatchObject({ noiseLines: 1, held: { messages: 0, bytes: 0 } });
      }),
      { numRuns: 100 },
    );
  });
});
