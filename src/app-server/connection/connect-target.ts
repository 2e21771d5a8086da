/**
 * Where a running server is reached: the shape of a target and its check. A bearer token is a secret: no message here, nor
 * any made of a target, shows one. Opens nothing.
 */
import { checkKnownKeys, isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';

/** A server on this machine that was started with `codex app-server --listen unix://PATH`. */
export interface SocketTarget {
  /** The path of the server's Unix socket; a relative one counts from the current folder of this process. */
  readonly socketPath: string;
}

/** A server that was started with `codex app-server --listen ws://IP:PORT`, or one behind a gateway with TLS. */
export interface UrlTarget {
  /** A `ws://` or `wss://` address, without user and password. */
  readonly url: string;
  /**
   * Sent as `Authorization: Bearer ...`, and never printed. Over `ws://` it goes in plain text, and only to this machine:
   * to any other host than loopback it is refused.
   *
   * @defaultValue none
   */
  readonly bearerToken?: string | undefined;
}

/** A server that is reached through a program of yours, whose stdin and stdout carry the bytes of its socket. */
export interface ProxyTarget {
  /**
   * The whole argv, for example `['ssh', 'build-host', 'codex', 'app-server', 'proxy']`. It runs without a terminal, so it
   * cannot ask for a password, and ends with the connection.
   */
  readonly proxy: readonly string[];
}

/** Where a running server is reached; exactly one of the three. */
export type ConnectTarget = SocketTarget | UrlTarget | ProxyTarget;

/** A target that was checked. */
export type Endpoint = {
  /** What messages call it: neither the token, nor the query of a URL, nor the arguments of a proxy. */
  readonly name: string;
} & (
  | { readonly kind: 'socket'; readonly socketPath: string }
  | { readonly kind: 'url'; readonly url: string; readonly bearerToken: string | undefined }
  | { readonly kind: 'proxy'; readonly file: string; readonly args: readonly string[] }
);

const KINDS = ['socketPath', 'url', 'proxy'] as const;
const EXPECTED = 'an object with exactly one of socketPath, url and proxy';
/** What a header can carry. */
const TOKEN = /^[\x21-\x7e]+$/;
/** The longest path of a socket on Linux; macOS takes three bytes less. The system would cut a longer one in silence. */
const MAX_SOCKET_PATH_BYTES = 107;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * The target, checked.
 *
 * @throws InvalidArgumentError when it is no target, or one that cannot or must not be used
 */
export function endpointOf(target: ConnectTarget): Endpoint {
  const given: unknown = target;
  if (!isPlainObject(given)) rejectArgument('target', given, EXPECTED);
  checkKnownKeys('target', given, [...KINDS, 'bearerToken']);
  const { socketPath, url, bearerToken, proxy } = given;
  if (KINDS.filter((kind) => given[kind] !== undefined).length !== 1)
    rejectArgument('target', given, EXPECTED);
  if (url !== undefined) return urlEndpoint(url, bearerToken);
  if (bearerToken !== undefined)
    refuse(
      'bearerToken',
      'expected only beside url: a socket is guarded by its permissions, and a proxy by itself',
    );
  return proxy === undefined ? socketEndpoint(socketPath) : proxyEndpoint(proxy);
}

function socketEndpoint(socketPath: unknown): Endpoint {
  if (typeof socketPath !== 'string' || socketPath === '' || socketPath.includes('\0'))
    rejectArgument('target.socketPath', socketPath, 'a path');
  if (/^unix:/.test(socketPath))
    rejectArgument('target.socketPath', socketPath, 'the path alone, without unix://');
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH_BYTES)
    rejectArgument(
      'target.socketPath',
      socketPath,
      `a path of at most ${MAX_SOCKET_PATH_BYTES} bytes, which is all that a socket can have`,
    );
  return { kind: 'socket', name: `unix://${socketPath}`, socketPath };
}

/** Where the server is, for a sentence. */
export function placeOf({ kind, name }: Endpoint): string {
  return kind === 'proxy' ? `behind the ${name}` : `at ${name}`;
}

/** None of its messages shows the value: an address can have a secret in it. */
function urlEndpoint(url: unknown, bearerToken: unknown): Endpoint {
  if (typeof url !== 'string' || !URL.canParse(url))
    refuse('url', 'expected an address such as ws://127.0.0.1:4500');
  const { protocol, username, password, hash, host, hostname, pathname } = new URL(url);
  if (protocol !== 'ws:' && protocol !== 'wss:')
    refuse('url', `expected a ws:// or wss:// address, got one with ${protocol}`);
  if (username !== '' || password !== '')
    refuse('url', 'expected no user and no password in it; give a token as bearerToken');
  if (hash !== '') refuse('url', 'expected no fragment (#...) in it');
  checkBearerToken(bearerToken, protocol === 'wss:' || LOOPBACK.test(hostname) ? undefined : hostname);
  return { kind: 'url', name: `${protocol}//${host}${pathname}`, url, bearerToken };
}

/** @param exposedTo - the host to which it would go in plain text */
function checkBearerToken(
  bearerToken: unknown,
  exposedTo: string | undefined,
): asserts bearerToken is string | undefined {
  if (bearerToken === undefined) return;
  if (typeof bearerToken !== 'string' || !TOKEN.test(bearerToken))
    refuse(
      'bearerToken',
      'expected a token of visible ASCII characters, without spaces and without the word "Bearer"',
    );
  if (exposedTo !== undefined)
    refuse(
      'bearerToken',
      `it would go to ${exposedTo} in plain text; use wss://, or forward the port (ssh -L) and connect to 127.0.0.1`,
    );
}

function proxyEndpoint(proxy: unknown): Endpoint {
  if (!Array.isArray(proxy) || !proxy.every((entry) => typeof entry === 'string' && !entry.includes('\0')))
    rejectArgument('target.proxy', proxy, 'an array of strings without NUL characters');
  // Every entry is a string.
  const [file, ...args] = proxy as readonly string[];
  if (file === undefined || file === '')
    rejectArgument('target.proxy', proxy, 'the whole argv, its first entry the program to run');
  if (args.includes('app-server') && !args.includes('proxy'))
    refuse(
      'proxy',
      'this starts a server that speaks lines; give it to AsyncClient.start as command, or add "proxy" to reach one that runs',
    );
  return { kind: 'proxy', name: `proxy ${JSON.stringify(file)}`, file, args };
}

/** Throws the error for a member of the target, without its value. */
function refuse(member: string, what: string): never {
  const argument = `target.${member}`;
  throw new InvalidArgumentError(argument, `${argument}: ${what}`);
}
