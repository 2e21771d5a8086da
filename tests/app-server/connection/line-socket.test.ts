/** Lines over a WebSocket: what becomes a message, what becomes a line, and how it ends. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as immediately } from 'node:timers/promises';
import { ProtocolError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { openWebSocket } from '../../../src/app-server/connection/web-socket.js';
import {
  BINARY,
  FIN,
  frame,
  PING,
  SocketServer,
  type SocketServerOptions,
  TEXT,
} from '../../helpers/socket-server.js';

const SECRET = 'hunter2-of-all-tokens';

async function connected(options: SocketServerOptions = {}, maxMessageBytes = 1_000_000, closeTimeoutMs = 0) {
  const server = await SocketServer.start(options);
  const address = {
    url: server.url,
    headers: {},
    secret: SECRET,
    createStream: () => connect(server.socketPath),
  };
  const limits = { maxMessageBytes, timeoutMs: 0, closeTimeoutMs, signal: undefined };
  const lines = await openWebSocket(address, limits);
  await server.until(() => server.sockets.length === 1);
  return {
    server,
    lines,
    [Symbol.asyncDispose]: async () => {
      lines.terminate();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** What comes until the text of it all is whole. */
async function read(stdout: AsyncIterable<Buffer>, isWhole: (text: string) => boolean): Promise<string> {
  let text = '';
  for await (const chunk of stdout) {
    text += chunk.toString();
    if (isWhole(text)) break;
  }
  return text;
}

describe('what is sent', () => {
  test('is one message for each line, in order, whatever was written at once', async () => {
    await using connection = await connected();
    const { server, lines } = connection;
    lines.stdin.write('{"id":1}\n{"id":2}\n');
    lines.stdin.write('{"id":3}\n');
    await server.until(() => server.received.length === 3);
    expect(server.received).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  test('lets a ping in between, however long it is', async () => {
    await using connection = await connected();
    const { server, lines } = connection;
    const order: string[] = [];
    server.socket.on('ping', () => order.push('ping'));
    server.socket.on('message', () => order.push('message'));
    lines.stdin.write(`"${'x'.repeat(30 * 1024 * 1024)}"\n`);
    lines.ping();
    await server.until(() => server.received.length === 1);
    expect(order).toEqual(['ping', 'message']);
    expect(server.received[0]).toHaveLength(30 * 1024 * 1024);
  });

  test('goes out whole before we end', async () => {
    await using connection = await connected();
    const { server, lines } = connection;
    const closed = once(server.socket, 'close');
    lines.stdin.write(`"${'x'.repeat(5 * 1024 * 1024)}"\n`);
    lines.close();
    expect((await closed)[0]).toBe(1000);
    expect(server.received[0]).toHaveLength(5 * 1024 * 1024);
  });

  test('settles when it is handed on', async () => {
    await using connection = await connected();
    const taken = new Promise((resolve) => connection.lines.stdin.write('{"id":1}\n', resolve));
    expect(await taken).toBeFalsy();
  });

  test('goes out in parts where it is longer than a frame may be, cut within characters too', async () => {
    await using connection = await connected({ maxFrameBytes: 10 });
    const { server, lines } = connection;
    const frames = framesTo(server);
    const text = 'ü€😀'.repeat(50);
    lines.stdin.write(`"12345678"\n"123456789"\n${JSON.stringify({ text })}\n`);
    await server.until(() => server.received.length === 3);
    expect(server.received).toEqual(['12345678', '123456789', { text }]);
    expect(frames.slice(0, 4)).toEqual([10, 10, 1, 10]);
    expect(Math.max(...frames)).toBe(10);
  });

  test.each([0, Number.NaN, -1])(
    'goes out whole where the server names %d as the longest frame',
    async (maxFrameBytes) => {
      await using connection = await connected({ maxFrameBytes });
      const { server, lines } = connection;
      const frames = framesTo(server);
      lines.stdin.write('{"id":1}\n');
      await server.until(() => server.received.length === 1);
      expect(frames).toEqual([8]);
    },
  );
});

/** The length of every frame from now on, in bytes: what reads them there is the only place where it is to be seen. */
function framesTo({ socket }: SocketServer): number[] {
  const frames: number[] = [];
  const receiver = Object(Reflect.get(socket, '_receiver'));
  const getData = Reflect.get(receiver, 'getData');
  Reflect.set(receiver, 'getData', (...args: unknown[]) => {
    frames.push(Number(Reflect.get(receiver, '_payloadLength')));
    return Reflect.apply(getData, receiver, args);
  });
  return frames;
}

describe('what comes', () => {
  test('is one line for each message, its own line ends made spaces', async () => {
    await using connection = await connected();
    const { server, lines } = connection;
    server.socket.send('{"a":\n1,\n"b":"\\n"}');
    server.socket.send(Buffer.from('{"c":2}'), { binary: true });
    const text = await read(lines.stdout, (all) => all.endsWith('2}\n'));
    expect(text).toBe('{"a": 1, "b":"\\n"}\n{"c":2}\n');
  });

  test('is put together from its parts', async () => {
    await using connection = await connected();
    const { server, lines } = connection;
    const bytes = Buffer.from('{"text":"ü€"}');
    for (let at = 0; at < bytes.length; at += 1)
      server.socket.send(bytes.subarray(at, at + 1), { fin: at === bytes.length - 1, binary: false });
    expect(await read(lines.stdout, (all) => all.endsWith('\n'))).toBe('{"text":"ü€"}\n');
    expect(lines.bytesRead).toBeGreaterThan(bytes.length);
  });

  test('L1 is whole wherever its bytes are cut', async () => {
    await using connection = await connected();
    const { server, lines } = connection;
    const bytes = Buffer.concat([
      frame('', TEXT | FIN),
      frame('{"a":"', TEXT),
      // The first byte of two.
      frame(Buffer.from([0xc3]), 0),
      frame('x', PING | FIN),
      frame('', 0),
      frame(Buffer.from([0xbc, 0x22, 0x7d, 0x0a]), FIN),
      frame('{"b":"€"}', BINARY | FIN),
      frame(`{"c":"${'😀'.repeat(50)}"}`, TEXT | FIN),
    ]);
    for (let at = 0; at <= bytes.length; at += 1) {
      const before = lines.bytesRead;
      server.stream.write(bytes.subarray(0, at));
      while (lines.bytesRead < before + at) await immediately();
      server.stream.write(bytes.subarray(at));
      while (lines.bytesRead < before + bytes.length) await immediately();
      expect(String(lines.stdout.read())).toBe(`\n{"a":"ü"} \n{"b":"€"}\n{"c":"${'😀'.repeat(50)}"}\n`);
    }
  });

  test('L18 is refused when it is longer than it may be', async () => {
    await using connection = await connected({}, 100);
    const { server, lines } = connection;
    server.socket.send(`"${'x'.repeat(98)}"`);
    expect((await read(lines.stdout, () => true)).length).toBe(101);
    server.socket.send(`"${'x'.repeat(99)}"`);
    const { error } = await lines.closed;
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error?.message).toContain('a message that is longer than maxLineBytes');
  });

  test('L18 is refused when it is no WebSocket message', async () => {
    await using connection = await connected();
    const { server, lines } = connection;
    server.stream.write(Buffer.from([0xff, 0xff]));
    const { error } = await lines.closed;
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error?.message).toContain('what is no WebSocket message');
  });
});

describe('the end', () => {
  test.each([
    ['a message that is too long', 'x'.repeat(200), 'longer than maxLineBytes'],
    ['text that is no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid UTF-8'],
  ])('comes at once with %s, whatever the other end does', async (_what, message, named) => {
    await using connection = await connected({}, 100, 1_000_000);
    const { server, lines } = connection;
    // It answers nothing, and never ends by itself.
    server.stream.pause();
    server.socket.send(message, { binary: false });
    const { error } = await lines.closed;
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error?.message).toContain(named);
  });

  test('comes when the other end said so, though it lets the bytes beneath stand', async () => {
    await using connection = await connected({}, 100, 20);
    const { server, lines } = connection;
    // It answers nothing, and never ends by itself.
    server.stream.pause();
    server.socket.close(1009, `not ${SECRET}, too long`);
    expect(await lines.closed).toEqual({ code: 1009, reason: 'not [masked], too long', error: undefined });
  });

  test('has the code and the reason of the other end, after everything that came', async () => {
    await using connection = await connected();
    const { server, lines } = connection;
    server.send({ id: 1 });
    server.socket.close(1012, 'restarting');
    expect(await read(lines.stdout, () => false)).toBe('{"id":1}\n');
    expect(await lines.closed).toEqual({ code: 1012, reason: 'restarting', error: undefined });
    expect(lines.stdin.destroyed).toBe(true);
  });

  test('without a word has the code 1006', async () => {
    await using connection = await connected();
    connection.server.socket.terminate();
    expect(await connection.lines.closed).toMatchObject({ code: 1006, reason: '', error: undefined });
  });

  test('that we ask for comes behind what was written', async () => {
    await using connection = await connected();
    const { server, lines } = connection;
    const closed = once(server.socket, 'close');
    lines.stdin.write('{"id":1}\n');
    lines.close();
    expect((await closed)[0]).toBe(1000);
    expect(server.received).toEqual([{ id: 1 }]);
    expect((await lines.closed).error).toBeUndefined();
  });

  test('at once has the error that it is given, and the reader gets it', async () => {
    await using connection = await connected();
    const { lines } = connection;
    const reason = new Error('it is gone');
    const read = once(lines.stdout, 'error');
    lines.terminate(reason);
    expect((await lines.closed).error).toBe(reason);
    expect(await read).toEqual([reason]);
  });
});
