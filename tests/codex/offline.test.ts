/**
 * The options of the local provider keep a real codex away from the network: with every proxy variable
 * pointing at a proxy that only takes notes, nothing but the model's requests leaves codex, and those
 * go straight to the provider.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { LocalModelProvider, text } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { RawAppServer } from './raw-app-server.js';

test('codex reaches the provider past a proxy, and asks the proxy for nothing', async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address() as AddressInfo; // a TCP server has an address object
  const url = `http://127.0.0.1:${address.port}`;
  const proxyVariables = {
    HTTP_PROXY: url,
    http_proxy: url,
    HTTPS_PROXY: url,
    https_proxy: url,
    ALL_PROXY: url,
  };
  try {
    await using provider = await LocalModelProvider.start({ replies: [text('direct')] });
    const server = await RawAppServer.start(provider.options, proxyVariables);
    const threadId = await server.startThread();
    expect(await server.runTurn(threadId, 'hi')).toMatchObject({ status: 'completed' });
    await server.request('model/list', {});
    await server.request('skills/list', {});
    await server.stop();
    expect(server.deltas(threadId)).toEqual(['direct']);
    expect(asked).toEqual([]);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

test('the provider listens on the loopback address only', async () => {
  await using provider = await LocalModelProvider.start();
  const { hostname, port } = new URL(provider.baseUrl);
  expect(hostname).toBe('127.0.0.1');
  // Another address of the loopback network would answer if the provider listened on all addresses.
  const socket = connect(Number(port), '127.0.0.2');
  const [error] = await once(socket, 'error');
  expect(error).toMatchObject({ syscall: 'connect' });
});
