/** Lines over a WebSocket: what becomes a message, what becomes a line, and how it ends. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { ProtocolError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { openWebSocket } from '../../../src/app-server/connection/web-socket.js';
import { SocketServer, type SocketServerOptions } from '../../helpers/socket-server.js';

async function connected(options: SocketServerOptions = {}, maxMessageBytes = 1_000_000) {
  const server = await SocketServer.start(options);
  const address = { url: server.url, headers: {}, createStream: () => connect(server.socketPath) };
  const lines = await openWebSocket(address, { maxMessageBytes, timeoutMs: 0, signal: undefined });
  lines.stdout.on('error', () => {});
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
    const bytes: unknown = Reflect.get(server.socket, '_socket');
    Reflect.apply(Reflect.get(Object(bytes), 'write'), bytes, [Buffer.from([0xff, 0xff])]);
    const { error } = await lines.closed;
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error?.message).toContain('what is no WebSocket message');
  });
});

describe('the end', () => {
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
