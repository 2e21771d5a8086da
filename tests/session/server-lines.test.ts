/** What the server may write: noise is skipped and counted, a line that is no message closes the client. */
import { fileURLToPath } from 'node:url';
import { AsyncClient, ProtocolError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { delta, numberOf, wire } from '../helpers/messages.js';
import { PipedServer } from '../helpers/piped-server.js';
import { startScripted } from '../helpers/scripted.js';

const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => new Error('the call was expected to fail'),
    (error: unknown) => error,
  );

const line = (message: object) => `${JSON.stringify(message)}\n`;

describe('noise', () => {
  test('L18 lines that do not start with { are skipped and counted', async () => {
    await using client = await startScripted('writes-chunks');
    const noise = [
      'booting\n',
      '\n',
      '\r\n',
      '[1,2]\n',
      '"text"\n',
      'null\n',
      ' {"method":"no/event"}\n',
      'zsh: x\r\n',
    ];
    await client.notify('write', { chunks: [...noise, line(wire(delta(1)))] });
    expect(numberOf(await client.nextMessage())).toBe(1);
    expect(client.stats().noiseLines).toBe(noise.length);
    expect(client.isAlive).toBe(true);
  });

  test('L18 noise longer than maxLineBytes is skipped without being held', async () => {
    const server = new PipedServer({ maxLineBytes: 1_000 });
    for (let count = 0; count < 100; count += 1) server.sendText('z'.repeat(1_000));
    server.sendText(`\n${line(wire(delta(1)))}`);
    expect(numberOf(await server.client.nextMessage())).toBe(1);
    expect(server.client.stats()).toMatchObject({ noiseLines: 1, held: { peakMessages: 1 } });
  });

  test('L18 noise inside a chunk of messages costs none of them', async () => {
    const server = new PipedServer();
    server.sendText(`${line(wire(delta(1)))}WARN: x\n${line(wire(delta(2)))}more`);
    server.sendText(` noise\n${line(wire(delta(3)))}`);
    for (const n of [1, 2, 3]) expect(numberOf(await server.client.nextMessage())).toBe(n);
    expect(server.client.stats().noiseLines).toBe(2);
  });
});

describe('a line that starts with { and is no message', () => {
  test.each<[string, string, string]>([
    ['no JSON', '{oops: 1}', '{oops: 1}'],
    ['a log entry', '{"level":"info","message":"ready"}', '{"level":"info"'],
    ['two messages in one line', '{"method":"a","params":{}}{"method":"b"}', '{"method":"a","params":{}}{"m'],
    ['very long', `{${'x'.repeat(100_000)}`, `{${'x'.repeat(199)}...`],
  ])('L18 closes the client with its first bytes: %s', async (_, bad, start) => {
    const client = await startScripted('writes-chunks', [], { shutdownGraceMs: 2_000 });
    const pending = errorOf(client.request('never/answered'));
    await client.notify('write', { chunks: [line(wire(delta(1))), `${bad}\n`, line(wire(delta(2)))] });
    const error = await pending;
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: 'CODEX_PROTOCOL', message: expect.stringContaining(start) });
    expect(error instanceof Error && error.message.length).toBeLessThan(400);
    expect(await client.closed).toMatchObject({ expected: false, error });
    expect(numberOf(await client.nextMessage())).toBe(1);
    expect(await errorOf(client.nextMessage())).toBe(error);
    expect(await errorOf(client.request('ping'))).toBe(error);
    expect(client.state).toBe('closed');
  });

  test('L18 closes the client when it is longer than maxLineBytes, before its end has come', async () => {
    const server = new PipedServer({ maxLineBytes: 200 });
    server.sendText(line(wire(delta(1))));
    server.sendText(`{"method":"big","params":"${'x'.repeat(200)}`);
    const error = await errorOf(server.client.request('some/new'));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ message: expect.stringContaining('maxLineBytes') });
    expect(error).toMatchObject({ message: expect.stringContaining('{"method":"big"') });
    expect(numberOf(await server.client.nextMessage())).toBe(1);
    expect(await errorOf(server.client.nextMessage())).toBe(error);
  });

  test('L18 a line of exactly maxLineBytes is taken', async () => {
    const text = JSON.stringify(wire(delta(1)));
    const server = new PipedServer({ maxLineBytes: Buffer.byteLength(text) });
    server.sendText(`${text}\n`);
    expect(numberOf(await server.client.nextMessage())).toBe(1);
    server.sendText(`${text} \n`);
    expect(await errorOf(server.client.nextMessage())).toBeInstanceOf(ProtocolError);
  });
});

describe('splitting', () => {
  const text = 'a\u2028b\u2029c ü漢🙂 \u0085';

  test('L19 readline splits JSON at U+2028 and U+2029: here they arrive raw inside a message, as they are', async () => {
    await using client = await startScripted('writes-chunks');
    const params = { threadId: 't', turnId: 'u', itemId: 'i', delta: text };
    // JSON.stringify leaves both separators raw, as the server does.
    const raw = line({ method: 'item/agentMessage/delta', params });
    expect(raw).toContain('\u2028');
    await client.notify('write', { chunks: [raw] });
    expect(await client.nextMessage()).toMatchObject({ params: { delta: text } });
  });

  test('L19 UTF-8 split at every byte is put together, from a real pipe', async () => {
    await using client = await startScripted('writes-chunks');
    const chunks = [line({ method: 'future/thing', params: { text } }), line({ method: 'future/end' })];
    await client.notify('write', { chunks, bytewise: true });
    expect(await client.nextMessage()).toMatchObject({ params: { text } });
    expect(await client.nextMessage()).toMatchObject({ method: 'future/end' });
  });

  test('L19 a stream of messages cut at every byte in turn gives the same messages', async () => {
    const messages = [
      { method: 'future/thing', params: { text } },
      { id: 0, method: 'future/question', params: { text } },
    ];
    const bytes = Buffer.from(messages.map(line).join(''));
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const server = new PipedServer();
      server.sendText(bytes.subarray(0, cut));
      server.sendText(bytes.subarray(cut));
      for (const message of messages) expect(await server.client.nextMessage()).toMatchObject(message);
    }
  });

  test('L19 \\r\\n ends a line like \\n', async () => {
    await using client = await startScripted('writes-chunks');
    await client.notify('write', { chunks: ['{"method":"a/b","params":{}}\r', '\n{"method":"c/d"}\r\n'] });
    expect(await client.nextMessage()).toMatchObject({ method: 'a/b' });
    expect(await client.nextMessage()).toMatchObject({ method: 'c/d' });
    expect(client.stats().noiseLines).toBe(0);
  });

  test('L19 a line of 43 MB kills the client or takes minutes: it is one message, whole, from a real pipe', async () => {
    const bytes = 43 * 1024 * 1024;
    const server = fileURLToPath(new URL('../../fixtures/servers/fault-long-line.sh', import.meta.url));
    const start = '{"method":"warning","params":{"message":"';
    await using client = await AsyncClient.spawn({
      command: ['/bin/sh', server, start, String(bytes), '"}}'],
    });
    const message = await client.nextMessage();
    if (message?.method !== 'warning') throw new Error(`got ${message?.method}`);
    expect(message.params.message.length).toBe(bytes);
    expect(/^x+$/.test(message.params.message)).toBe(true);
  });
});
