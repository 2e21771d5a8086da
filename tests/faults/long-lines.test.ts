/** Lines from a real process that are too long for a message, and harmless as noise. */
import { fileURLToPath } from 'node:url';
import { AsyncClient, ProtocolError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { runningOf } from '../helpers/processes.js';
import { sized } from '../helpers/sizes.js';

const SERVER = fileURLToPath(new URL('../../fixtures/servers/fault-long-line.sh', import.meta.url));
const MIB = 1024 * 1024;
/** The line, and how long a message may be: whole, that is the default. */
const LINE_MIB = sized(300, 60);
const OPTIONS = sized({}, { maxLineBytes: 50 * MIB });

function startLongLine(start: string, end: string): Promise<AsyncClient> {
  return AsyncClient.spawn({ command: ['/bin/sh', SERVER, start, String(LINE_MIB * MIB), end], ...OPTIONS });
}

describe(`a server that writes ${LINE_MIB} MiB on one line`, () => {
  test('L18 L10 as a message closes the client, settles everything and is gone', async () => {
    const client = await startLongLine('{"method":"warning","params":{"message":"', '"}}');
    const request = client.request('thread/list', {});
    const read = client.nextMessage();
    const error = await request.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(String(error)).toMatch(/longer than maxLineBytes.*the line starts: \{"method":"warning"/);
    expect(String(error).length).toBeLessThan(1_000);
    await expect(read).rejects.toBe(error);
    const { pid } = client;
    expect(await client.closed).toMatchObject({ error, expected: false });
    expect(await runningOf([pid], 'fault-long-line')).toEqual([]);
  });

  test('L18 L19 as noise is skipped, although it is longer than any message may be, and the session goes on', async () => {
    await using client = await startLongLine('a panic: ', ' (end)');
    expect(await client.request('thread/list', {})).toEqual({ after: 'the long line' });
    expect(client.stats()).toMatchObject({ noiseLines: 1, messages: { received: 0 } });
  });
});
