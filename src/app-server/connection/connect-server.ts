/** Opens a connection to a running server. What fails leaves neither a socket nor a proxy. */
import { connect as connectStream, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { PulseTimes } from '../../support/pulse.js';
import { serverEnvironment } from '../launch/server-environment.js';
import { PROXY_ORIGIN, startProgram } from '../launch/spawn-server.js';
import type { ServerProcess } from '../lifetime/server-process.js';
import { connectFailure } from './connect-failure.js';
import { type Endpoint, placeOf } from './connect-target.js';
import { Connection } from './connection.js';
import { proxyPipe } from './proxy-pipe.js';
import { openWebSocket, type WebSocketAddress } from './web-socket.js';

/** The host of a WebSocket over a stream that is no network's; nobody looks at it. */
const NO_HOST = 'ws://localhost/';

/** How a connection is made and kept. */
export interface ConnectServerOptions {
  /** How long it may take until the connection stands. Milliseconds; 0 for no limit. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** The longest message that is read, in bytes. */
  readonly maxMessageBytes: number;
  /** How long each step of ending it waits. Milliseconds. */
  readonly graceMs: number;
  readonly pulse: PulseTimes;
}

/**
 * Connects. Rejects with the signal's reason when it fires before the connection stands.
 *
 * @throws SpawnError when the proxy could not be started
 * @throws ConnectionError when no connection came about
 */
export async function connectServer(
  endpoint: Endpoint,
  { timeoutMs, signal, maxMessageBytes, graceMs, pulse }: ConnectServerOptions,
): Promise<ServerProcess> {
  const proxy = endpoint.kind === 'proxy' ? await startProxy(endpoint, graceMs) : undefined;
  try {
    const limits = { maxMessageBytes, timeoutMs, closeTimeoutMs: graceMs, signal };
    const socket = await openWebSocket(addressOf(endpoint, proxy), limits);
    return new Connection({ socket, place: placeOf(endpoint), proxy, graceMs, pulse });
  } catch (cause) {
    await proxy?.stop();
    proxy?.release();
    if (signal?.aborted === true && cause === signal.reason) throw cause;
    throw connectFailure(endpoint, cause, proxy === undefined ? undefined : await remainsOf(proxy));
  }
}

function startProxy(
  { file, args }: Extract<Endpoint, { kind: 'proxy' }>,
  graceMs: number,
): Promise<ServerProcess> {
  const env = serverEnvironment({});
  return startProgram({ file, args, cwd: undefined, env, origin: PROXY_ORIGIN, isLocal: false }, graceMs);
}

function addressOf(endpoint: Endpoint, proxy: ServerProcess | undefined): WebSocketAddress {
  if (proxy !== undefined) return { url: NO_HOST, headers: {}, createStream: () => proxyPipe(proxy) };
  if (endpoint.kind === 'socket')
    return { url: NO_HOST, headers: {}, createStream: () => connectStream(endpoint.socketPath) };
  const { url, bearerToken } = endpoint as Extract<Endpoint, { kind: 'url' }>;
  const headers = bearerToken === undefined ? {} : { Authorization: `Bearer ${bearerToken}` };
  return { url, headers, secret: bearerToken, createStream: () => networkStream(new URL(url)) };
}

function networkStream({ protocol, hostname, port }: URL): Duplex {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (protocol === 'ws:') return connectStream({ host, port: Number(port || 80) });
  // An address is no name that a certificate is chosen by.
  return connectTls({ host, port: Number(port || 443), servername: isIP(host) === 0 ? host : '' });
}

async function remainsOf({ exited, stderr }: ServerProcess) {
  const { exitCode } = await exited;
  await stderr.ended;
  return { exitCode, stderrTail: stderr.tail };
}
