/** Input that no well-behaved server or caller gives: it becomes an error of the call or the client, never of the host. */
import { PassThrough, Readable } from 'node:stream';
import { AsyncClient, InvalidArgumentError, ProtocolError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { outcomeOf, PipedServer } from '../helpers/piped-server.js';

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
    expect((await client.closed).error).toBeInstanceOf(ProtocolError);
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

describe('requestIds', () => {
  test.each([
    ['nothing', undefined],
    ['a number', 7],
  ])('L10 whose iterator gives %s instead of a result fail the request', async (_what, given) => {
    const requestIds = { [Symbol.iterator]: () => ({ next: () => given as never }) };
    const server = new PipedServer({ requestIds });
    expect(await outcomeOf(server.client.request('x/y'))).toBeInstanceOf(InvalidArgumentError);
    expect(server.client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
  });
});
