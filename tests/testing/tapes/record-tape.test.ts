/** Recording a conversation: what is on the tape, how it ends, and that it harms nobody. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AsyncClient, InvalidArgumentError, PROTOCOL_VERSION } from 'codex-async-client';
import { type RecordTapeOptions, recordTape } from 'codex-async-client/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { readTape } from '../../../src/testing/tapes/read-tape.js';
import { PipedServer, readyServer } from '../../helpers/piped-server.js';
import { scriptedCommand, startScripted } from '../../helpers/scripted.js';
import { wrong } from '../wrong.js';

const folder = mkdtempSync(join(tmpdir(), 'codex-recordings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
const newPath = () => {
  made += 1;
  return join(folder, `${made}.tape.jsonl`);
};

/** What was said, as `sent initialize` or `received 1`. */
const saidIn = (path: string) =>
  readTape(path).lines.map((line) => {
    if (line.kind === 'missed') return `missed ${line.missed}`;
    const { method, id } = line.message;
    return `${line.kind} ${String(method ?? id)}`;
  });

describe('a recording', () => {
  test('L23 has the conversation from the first byte to its end', async () => {
    const client = await AsyncClient.spawn({ command: scriptedCommand('echo-params') });
    const path = newPath();
    const recording = recordTape(client, path);
    await client.initialize();
    await client.request('any/method', { a: 1 });
    await client.shutdown();
    const summary = await recording.finished;
    expect(saidIn(path)).toEqual([
      'sent initialize',
      'received 1',
      'sent initialized',
      'sent any/method',
      'received 2',
    ]);
    const { header, lines, end } = readTape(path);
    expect(header).toEqual({
      tape: 1,
      recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      protocol: PROTOCOL_VERSION,
      server: '0.169.0',
    });
    const times = lines.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(end).toMatchObject({ by: 'client', exitCode: 0, signal: null });
    expect(summary).toEqual({ path, lines: 7, bytes: statSync(path).size, missed: 0, endedBy: 'client' });
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('says how a server went that nobody ended', async () => {
    const client = await startScripted('dies-when-told');
    const path = newPath();
    const recording = recordTape(client, path);
    client.notify('kill').catch(() => {});
    expect(await recording.finished).toMatchObject({ endedBy: 'server' });
    expect(readTape(path).end).toMatchObject({ by: 'server', exitCode: null, signal: 'SIGKILL' });
  });

  test('of a client that is over has a header and an end', async () => {
    const client = await startScripted('echo-params');
    await client.shutdown();
    const path = newPath();
    expect(await recordTape(client, path).finished).toMatchObject({ lines: 2, endedBy: 'client' });
    expect(readTape(path)).toMatchObject({ header: { server: '0.169.0' }, lines: [], end: { by: 'client' } });
  });

  test('that begins in the middle has what passes from there on', async () => {
    const { client } = await readyServer();
    const path = newPath();
    const recording = recordTape(client, path);
    await client.notify('later');
    await recording.stop();
    expect(saidIn(path)).toEqual(['sent later']);
    expect(readTape(path).header).toMatchObject({ server: '0.169.0' });
  });

  test('masks secrets, and what it is asked to', async () => {
    const server = await readyServer();
    const path = newPath();
    await using recording = recordTape(server.client, path, {
      redact: { strings: { '/home/ann': '/home/me' }, paths: ['params.note'] },
    });
    server.send({ method: 'a', params: { cwd: '/home/ann/x', apiKey: 'open sesame', note: 'private' } });
    await server.client.nextMessage();
    await recording.stop();
    expect(readTape(path).lines).toMatchObject([
      { message: { params: { cwd: '/home/me/x', apiKey: '[masked]', note: '[masked]' } } },
    ]);
  });

  test('knows the version of a server whose handshake the client did not look at', async () => {
    const server = new PipedServer();
    const path = newPath();
    const recording = recordTape(server.client, path);
    server.send({ id: 'x', result: { userAgent: 'mine/0.168.1-alpha.2 (test)' } });
    await server.quiet();
    await recording.stop();
    expect(readTape(path).header).toMatchObject({ server: '0.168.1-alpha.2' });
  });

  test('knows no version of a server that has said none', async () => {
    const server = new PipedServer();
    const path = newPath();
    const recording = recordTape(server.client, path);
    server.send({ method: 'hello', params: {} });
    await server.quiet();
    await recording.stop();
    expect(readTape(path).header).toMatchObject({ server: null });
  });

  test('has a gap for what ended the conversation because it was no message', async () => {
    const server = await readyServer();
    const path = newPath();
    const recording = recordTape(server.client, path);
    server.sendText('{"method":"a","params":{}}\n{"method":}\n');
    expect(await recording.finished).toMatchObject({ missed: 1, lines: 4, endedBy: 'server' });
    expect(saidIn(path)).toEqual(['received a', 'missed 1']);
  });

  test('says what the disk was too slow for, on the tape and in its summary', async () => {
    const path = newPath();
    const frames = [
      { kind: 'frame', direction: 'sent', atMs: 0, text: '{"method":"a"}' },
      { kind: 'gap', missed: 3 },
    ];
    const wire = () => Readable.from(frames);
    const closed = Promise.resolve({ expected: true, exitCode: 0, signal: null });
    const recording = recordTape(wrong({ wire, closed, serverInfo: undefined }), path);
    expect(await recording.finished).toMatchObject({ missed: 3, lines: 4, endedBy: 'client' });
    expect(saidIn(path)).toEqual(['sent a', 'missed 3']);
  });
});

describe('stopping', () => {
  test('keeps all that has passed, and the conversation goes on', async () => {
    const server = await readyServer();
    const path = newPath();
    const recording = recordTape(server.client, path);
    const count = 30_000;
    server.send(...Array.from({ length: count }, (_, n) => ({ method: 'n', params: { n } })));
    await server.quiet();
    // Half of what was sent is held by the client's pipe until somebody reads.
    const passed = server.client.stats().messages.received;
    const first = recording.stop();
    expect(recording.stop()).toBe(first);
    const { missed, endedBy, lines } = await first;
    expect({ missed, endedBy, lines }).toEqual({ missed: 0, endedBy: 'recorder', lines: passed + 2 });
    expect(readTape(path).end).toMatchObject({ by: 'recorder', exitCode: null, signal: null });
    expect(await server.client.nextMessage()).toMatchObject({ params: { n: 0 } });
  });

  test('by the end of its scope is the same', async () => {
    const { client } = await readyServer();
    const path = newPath();
    {
      await using recording = recordTape(client, path);
      expect(recording.path).toBe(path);
      await client.notify('inside');
    }
    await client.notify('outside');
    expect(saidIn(path)).toEqual(['sent inside']);
    expect(client.stats().taps.open).toBe(0);
  });

  test('after the end gives what the recording came to', async () => {
    const client = await startScripted('echo-params');
    const recording = recordTape(client, newPath());
    await client.shutdown();
    expect(await recording.stop()).toMatchObject({ endedBy: 'client' });
    expect(await recording.stop()).toBe(await recording.finished);
  });
});

describe('a flood', () => {
  test('is on the tape whole, in order, and bounded pieces of it are held', async () => {
    const client = await startScripted('bench-deltas');
    const path = newPath();
    const recording = recordTape(client, path);
    const count = 50_000;
    await client.request('bench/flood', { count });
    for await (const message of client.events()) if (message.method !== 'item/agentMessage/delta') break;
    await client.shutdown();
    expect(await recording.finished).toMatchObject({ missed: 0, lines: count + 5 });
    const words = readFileSync(path, 'utf8').match(/(?<=" word )\d+/g);
    expect(words?.map(Number)).toEqual(Array.from({ length: count }, (_, n) => n % 256));
  });
});

describe.runIf(existsSync('/dev/full'))('a disk that is full', () => {
  test('fails the recording at once, and not the conversation', async () => {
    const server = await readyServer();
    const recording = recordTape(server.client, '/dev/full');
    server.send({ method: 'a', params: {} });
    await expect(recording.finished).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(recording.stop()).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(recording[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await server.client.nextMessage()).toMatchObject({ method: 'a' });
    await server.client.notify('b');
    expect(server.client.stats().taps.open).toBe(0);
  });

  test('that nobody hears of is no unhandled rejection', async () => {
    const client = await startScripted('echo-params');
    recordTape(client, '/dev/full');
    expect(await client.request('any/method', { a: 1 })).toMatchObject({});
    await client.shutdown();
  });
});

describe('L20 bad arguments are refused, and nothing is recorded:', () => {
  const path = join(folder, 'never');

  test.each<[string, unknown, unknown, unknown, string]>([
    ['no client', {}, path, {}, 'client: expected an AsyncClient, got an object with keys []'],
    ['no path', undefined, undefined, {}, 'path: expected the path of a file, got undefined'],
    ['an empty path', undefined, '', {}, 'path: expected the path of a file, got ""'],
    ['an unknown option', undefined, path, { redacted: {} }, 'options.redacted: unknown name'],
    [
      'a bad redaction',
      undefined,
      path,
      { redact: { paths: [''] } },
      'options.redact.paths[0]: expected a path',
    ],
    ['a folder that is missing', undefined, join(path, 'x'), {}, 'path: no tape can be written to'],
  ])('%s', async (_what, client, given, options, message) => {
    const server = await readyServer();
    const record = () =>
      recordTape(wrong(client ?? server.client), wrong(given), wrong<RecordTapeOptions>(options));
    expect(record).toThrow(InvalidArgumentError);
    expect(record).toThrow(message);
    expect(existsSync(path)).toBe(false);
    expect(server.client.stats().taps.open).toBe(0);
  });
});
