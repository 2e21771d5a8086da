/**
 * The handshake: `initialize` once, then `initialized` once. Owns what was asked and answered, so that a repeated equal
 * call gets the first answer and a different one is refused. Its state (spawned, initializing, ready) moves right; only a
 * refusal, after which the server is as before, ends the attempt.
 */
import { existsSync } from 'node:fs';
import type { StderrLog } from '../app-server/stderr/stderr-log.js';
import type { InitializeParams, InitializeResponse } from '../protocol/generated.js';
import type { Peer } from '../session/peer.js';
import type { RequestOptions } from '../session/requests/request-options.js';
import { USAGE_MESSAGES } from '../session/thread-usage.js';
import {
  checkKnownKeys,
  checkRequiredText,
  describeValue,
  isPlainObject,
  rejectArgument,
} from '../support/argument-checks.js';
import {
  HandshakeError,
  InvalidArgumentError,
  OverloadedError,
  RequestTimeoutError,
  RpcError,
  UnsupportedServerError,
} from '../support/errors.js';
import { jsonText } from '../support/json-text.js';
import { Settlement } from '../support/settlement.js';
import { checkTitle } from './client-options.js';
import { checkServerVersion, type ServerInfo, serverInfoOf } from './server-info.js';

/** One `initialize` that was sent and not refused. A connection has one. */
interface Attempt {
  readonly paramsJson: string;
  /** Settles with the server's answer, however late; each caller has a time limit of its own. */
  readonly answer: Promise<InitializeResponse>;
}

/** Nothing was sent, or the server refused what was. */
const Spawned = 0;
/** `initialize` was sent; it was answered when {@link Handshake.serverInfo} is known. */
const Initializing = 1;
/** `initialized` was sent, too. */
const Ready = 2;

/** Performs the handshake. */
export class Handshake {
  readonly #peer: Peer;
  readonly #stderr: StderrLog;
  readonly #allowUnsupportedServer: boolean;
  #state = Spawned;
  #attempt: Attempt | undefined;
  #initialized: Promise<void> | undefined;
  #serverInfo: ServerInfo | undefined;

  constructor(peer: Peer, stderr: StderrLog, allowUnsupportedServer: boolean) {
    this.#peer = peer;
    this.#stderr = stderr;
    this.#allowUnsupportedServer = allowUnsupportedServer;
  }

  /** How far it is, as the client's state. */
  get state(): 'spawned' | 'initializing' | 'ready' {
    if (this.#state === Ready) return 'ready';
    return this.#state === Initializing ? 'initializing' : 'spawned';
  }

  /** Known once `initialize` was answered. */
  get serverInfo(): ServerInfo | undefined {
    return this.#serverInfo;
  }

  /**
   * Sends `initialize`, or waits for the answer to the first one when the params equal its. A server takes `initialize`
   * once, so one that was given up is not sent again: a second call waits for the late answer.
   * @throws InvalidArgumentError when the params are bad or differ from the first ones
   * @throws HandshakeError when the server refused (it can be tried again), did not answer in time, or went
   * @throws UnsupportedServerError when the server is too old
   */
  async initialize(params: InitializeParams, options: RequestOptions): Promise<InitializeResponse> {
    const paramsJson = stableJson(checkedParams(params));
    if (this.#attempt !== undefined && this.#attempt.paramsJson !== paramsJson) {
      throw new InvalidArgumentError(
        'params',
        'params: initialize was called before with other params, and a connection is initialized once; start another client for other params',
      );
    }
    options.signal?.throwIfAborted();
    this.#attempt ??= this.#begin(params, paramsJson, options);
    const wait = new Settlement<InitializeResponse>();
    this.#attempt.answer.then(
      (response) => wait.resolve(response),
      (error: unknown) => wait.reject(error),
    );
    const { timeoutMs = this.#peer.requestTimeoutMs, signal } = options;
    wait.limit({ timeoutMs, signal, timeoutError: (limitMs) => this.#failed(notAnswered(limitMs)) });
    return wait.promise;
  }

  /** Sends `initialized`, once. @throws HandshakeError before `initialize` was answered, or when the server went */
  async initialized(): Promise<void> {
    if (this.#serverInfo === undefined)
      throw this.#failed(
        new Error('initialized() comes after initialize(); call and await initialize() first'),
      );
    this.#initialized ??= this.#peer.notify('initialized');
    try {
      await this.#initialized;
      this.#state = Ready;
    } catch (cause) {
      // It was not sent, so it can be tried again.
      this.#initialized = undefined;
      throw this.#failed(cause);
    }
  }

  #begin(params: InitializeParams, paramsJson: string, { trace }: RequestOptions): Attempt {
    this.#state = Initializing;
    return { paramsJson, answer: this.#perform(params, trace) };
  }

  async #perform(params: InitializeParams, trace: RequestOptions['trace']): Promise<InitializeResponse> {
    try {
      const response = await this.#peer.call('initialize', params, { timeoutMs: 0, trace });
      if (!isPlainObject(response)) throw new Error(`it answered with ${describeValue(response)}`);
      const serverInfo = serverInfoOf(response, params.clientInfo.name);
      if (!this.#allowUnsupportedServer) checkServerVersion(serverInfo.version);
      this.#serverInfo = serverInfo;
      this.#peer.serverVersion = serverInfo.version;
      this.#peer.hasExperimentalApi = params.capabilities?.experimentalApi === true;
      this.#peer.hasHomeHere = isHere(serverInfo.codexHome);
      this.#peer.usage.untold = USAGE_MESSAGES.find((method) => optsOut(params, method));
      return response;
    } catch (cause) {
      if (cause instanceof RpcError || cause instanceof OverloadedError) {
        // Refused: the server is as it was before, and so are we.
        this.#attempt = undefined;
        this.#state = Spawned;
      }
      throw cause instanceof UnsupportedServerError ? cause : this.#failed(cause);
    }
  }

  #failed(cause: unknown): HandshakeError {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the handshake with the codex app-server failed: ${why}`;
    return new HandshakeError(message, { stderrTail: this.#stderr.tail }, { cause });
  }
}

/** A client before its handshake. */
interface Newcomer {
  initialize(params: undefined, options: { readonly signal: AbortSignal | undefined }): Promise<unknown>;
  shutdown(): Promise<void>;
}

/** The client after its handshake; when that fails, the client is shut down first. */
export async function shakeHands<C extends Newcomer>(client: C, signal: AbortSignal | undefined): Promise<C> {
  try {
    await client.initialize(undefined, { signal });
    return client;
  } catch (error) {
    await client.shutdown();
    throw error;
  }
}

/** Old servers name no home, and one on another machine names one that is there. */
function isHere(codexHome: unknown): boolean {
  return typeof codexHome === 'string' && existsSync(codexHome);
}

function optsOut({ capabilities }: InitializeParams, method: string): boolean {
  const methods = capabilities?.optOutNotificationMethods;
  return Array.isArray(methods) && methods.includes(method);
}

function notAnswered(timeoutMs: number): RequestTimeoutError {
  const message = `initialize was not answered within ${timeoutMs} ms; call initialize() again to go on waiting, or shutdown()`;
  return new RequestTimeoutError(message, { method: 'initialize', timeoutMs });
}

/** @throws InvalidArgumentError */
function checkedParams(params: InitializeParams): InitializeParams {
  if (!isPlainObject(params)) rejectArgument('params', params, 'an object with clientInfo');
  checkKnownKeys('params', params, ['clientInfo', 'capabilities']);
  if (!isPlainObject(params.clientInfo))
    rejectArgument('params.clientInfo', params.clientInfo, 'an object with name and version');
  const { name, version } = params.clientInfo;
  checkRequiredText('params.clientInfo.name', name);
  checkRequiredText('params.clientInfo.version', version);
  checkTitle('params.clientInfo.title', params.clientInfo.title);
  const { capabilities } = params;
  if (capabilities !== undefined && capabilities !== null && !isPlainObject(capabilities))
    rejectArgument('params.capabilities', capabilities, 'an object or null');
  return params;
}

/** JSON text that is equal for equal values, whatever the order of their keys. */
function stableJson(value: unknown): string {
  const sorted = (_key: string, entry: unknown): unknown =>
    isPlainObject(entry)
      ? Object.fromEntries(
          Object.keys(entry)
            .sort()
            .map((key) => [key, entry[key]]),
        )
      : entry;
  return JSON.stringify(JSON.parse(jsonText('params', value)), sorted);
}
