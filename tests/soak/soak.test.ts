/** A short soak on the real server: after the work no handle, listener or open file is left over. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { echo, LocalModelProvider } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { sized } from '../helpers/sizes.js';
import { footprint, growth } from './footprint.js';
import { manyRequests, manyStarts, manyTurns, startWatched, stopWatched } from './work.js';

const TURNS = sized(80, 32);
const REQUESTS = sized(2_000, 500);

describe('what a client costs its host is flat over', () => {
  test('requests and turns: no listener on the child or its streams, no handle', async () => {
    await using provider = await LocalModelProvider.start({ keptRequests: 1, defaultReply: echo() });
    const watched = await startWatched(provider);
    // The first round fills what is kept on purpose: sockets of the provider that are used again.
    await manyTurns(watched.client, TURNS);
    const before = await footprint(watched.child);
    await manyRequests(watched.client, REQUESTS);
    await manyTurns(watched.client, TURNS);
    const after = await footprint(watched.child);
    await stopWatched(watched);
    expect(growth(before, after)).toEqual([]);
    expect(before.listeners['stdout data']).toBe(1);
  });

  test('starts and shutdowns: no open file, no handle, no listener on the process', async () => {
    await using provider = await LocalModelProvider.start({ keptRequests: 1, defaultReply: echo() });
    await manyStarts(provider, 1);
    const before = await footprint();
    await manyStarts(provider, 8);
    expect(growth(before, await footprint())).toEqual([]);
  });
});

describe('the look at the host', () => {
  test('sees a listener, a handle and an open file that are left over', async () => {
    const before = await footprint();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
    await once(socket, 'connect');
    const listener = () => {};
    process.on('SIGUSR2', listener);
    const found = growth(before, await footprint());
    process.off('SIGUSR2', listener);
    socket.destroy();
    server.close();
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringContaining('active TCPServerWrap: 1'),
        expect.stringContaining('listeners on process SIGUSR2: 1'),
        expect.stringMatching(/^open files/),
      ]),
    );
  });
});
