/**
 * Why a connection did not come about, as an error that says what to do. Knows what users meet: no socket, nobody who
 * listens, a missing token, an endpoint that speaks something else, a proxy that goes. Shows no token.
 */
import { failureCode } from '../../support/failure-code.js';
import { cleanStderrText } from '../stderr/stderr-text.js';
import { type Endpoint, placeOf } from './connect-target.js';
import { ConnectionError } from './connection-error.js';
import { NotOpened, UpgradeRefused } from './web-socket.js';

/** What a proxy that is gone left. */
export interface ProxyRemains {
  readonly exitCode: number | null;
  readonly stderrTail: string;
}

/** Makes the error. */
export function connectFailure(
  endpoint: Endpoint,
  cause: unknown,
  proxy: ProxyRemains | undefined,
): ConnectionError {
  const stderrTail = proxy?.stderrTail ?? '';
  const statusCode = cause instanceof UpgradeRefused ? cause.statusCode : undefined;
  const why = proxy === undefined ? reasonOf(endpoint, cause) : proxyReason(endpoint, cause, proxy);
  const message = `no connection to the codex app-server ${placeOf(endpoint)}: ${why}`;
  return new ConnectionError(message, { target: endpoint.name, statusCode, stderrTail }, { cause });
}

/** A proxy that failed knows more than the stream that it leaves. */
function proxyReason(endpoint: Endpoint, cause: unknown, { exitCode, stderrTail }: ProxyRemains): string {
  const said = stderrTail === '' ? 'it wrote nothing to stderr' : `the end of its stderr:\n${stderrTail}`;
  // One that was ended because it carried nothing, or the wrong thing, exits with a code, too.
  const isOurs = cause instanceof NotOpened || cause instanceof UpgradeRefused;
  if (!isOurs && exitCode !== null && exitCode !== 0) return `it exited with code ${exitCode}; ${said}`;
  return `${reasonOf(endpoint, cause)}; ${said}`;
}

function reasonOf(endpoint: Endpoint, cause: unknown): string {
  if (cause instanceof UpgradeRefused) return refusal(endpoint, cause);
  if (cause instanceof NotOpened)
    return `${cause.message}; a server that speaks lines never answers, and is reached with start or attach; else raise connectTimeoutMs`;
  const code = failureCode(cause) ?? '';
  const advice = (endpoint.kind === 'url' ? undefined : SOCKET_ADVICE[code]) ?? ADVICE[code];
  if (advice !== undefined) return `${advice} (${code})`;
  if (code.startsWith('HPE_')) return `${NO_WEB_SOCKET} (${code})`;
  if (isCertificateCode(code))
    return `its certificate is not trusted (${code}); name the authority that signed it in NODE_EXTRA_CA_CERTS`;
  return `${cause instanceof Error ? cause.message : String(cause)}${code === '' ? `; ${NO_WEB_SOCKET}` : ''}`;
}

function refusal(endpoint: Endpoint, { statusCode, text }: UpgradeRefused): string {
  if (endpoint.kind === 'url' && (statusCode === 401 || statusCode === 403)) {
    if (endpoint.bearerToken === undefined)
      return `it wants a token (HTTP ${statusCode}); give it as bearerToken${quoted(text)}`;
    return `it refused the bearerToken (HTTP ${statusCode}); compare it with the one that the server was started with${quoted(text)}`;
  }
  if (statusCode >= 500)
    return `it answered with HTTP ${statusCode}: the server has failed, or a gateway before it does not reach it${quoted(text)}`;
  return `it answered with HTTP ${statusCode}; what answers there speaks no WebSocket: it is another program, or a gateway that passes none on`;
}

function quoted(text: string): string {
  const clean = cleanStderrText(text).trim();
  return clean === '' ? '' : `; it said ${JSON.stringify(clean)}`;
}

function isCertificateCode(code: string): boolean {
  return /CERT|_SIGNATURE$|_ISSUER/.test(code);
}

const NO_WEB_SOCKET =
  'what answers there speaks no WebSocket: it is another program, or a server that speaks lines, which is reached with start or attach';

const ENDED = 'it ended the connection before the WebSocket was open';

const SOCKET_ADVICE: Readonly<Record<string, string>> = {
  ECONNRESET: `${ENDED}: ${NO_WEB_SOCKET}`,
  ENOENT:
    'there is no such socket; is the server running? It makes one with `codex app-server --listen unix://PATH`',
  ENOTDIR: 'a part of its path is not a folder',
  ECONNREFUSED: 'nobody listens on it: the server that made the socket is gone, or it is no socket',
  ENOTSOCK: 'it is no socket',
  EINVAL: 'its path is too long for a socket; systems take about 100 bytes',
  EACCES: 'this user may not open it: a socket of codex is its owner’s alone',
  EPERM: 'this user may not open it: a socket of codex is its owner’s alone',
};

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'nobody listens there; is the server running? It listens with `codex app-server --listen ws://127.0.0.1:PORT`',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ETIMEDOUT: 'the host did not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ECONNRESET: `${ENDED}: ${NO_WEB_SOCKET}, or one that wants wss://`,
  EPIPE: `${ENDED}: ${NO_WEB_SOCKET}`,
  EPROTO: 'it does not speak TLS; use ws:// there, or the address of the gateway that has the certificate',
};
