/**
 * The handshake: `initialize` once, then `initialized` once. Owns what was asked and answered, so that a
 * repeated equal call gets the first answer and a different one is refused. States only move right.
 */

import type { InitializeParams, InitializeResponse } from '../protocol/generated.js';
import type { RequestOptions } from '../session/requests/request-options.js';
import {
  checkKnownKeys,
  checkText,
  describeValue,
  isPlainObject,
  rejectArgument,
} from '../support/argument-checks.js';
import { HandshakeError, InvalidArgumentError, UnsupportedServerError } from '../support/errors.js';
import { jsonText } from '../support/json-text.js';
import { checkTitle } from './client-options.js';
import { checkServerVersion, type ServerInfo, serverInfoOf } from './server-info.js';

/** How far the handshake is. */
export type HandshakeState = 'none' | 'initializing' | 'answered' | 'ready';

/** What the handshake needs of its client. */
export interface HandshakeOwner {
  readonly allowUnsupportedServer: boolean;
  sendInitialize(params: InitializeParams, options: RequestOptions): Promise<InitializeResponse>;
  sendInitialized(): Promise<void>;
  stderrTail(): string;
}

/** Performs the handshake. */
export class Handshake {
  readonly #owner: HandshakeOwner;
  #state: HandshakeState = 'none';
  #paramsJson: string | undefined;
  #answer: Promise<InitializeResponse> | undefined;
  #initialized: Promise<void> | undefined;
  #serverInfo: ServerInfo | undefined;

  constructor(owner: HandshakeOwner) {
    this.#owner = owner;
  }

  get state(): HandshakeState {
    return this.#state;
  }

  /** Known once `initialize` was answered. */
  get serverInfo(): ServerInfo | undefined {
    return this.#serverInfo;
  }

  /**
   * Sends `initialize`, or gives back the first answer when the params equal the first ones.
   * @throws {@link InvalidArgumentError} when the params are bad or differ from the first ones
   * @throws {@link HandshakeError} when the server refused, did not answer in time, or went; it can be tried again
   * @throws {@link UnsupportedServerError} when the server is too old
   */
  initialize(params: InitializeParams, options: RequestOptions): Promise<InitializeResponse> {
    const paramsJson = stableJson(checkedParams(params));
    if (this.#answer !== undefined) {
      if (paramsJson === this.#paramsJson) return this.#answer;
      throw new InvalidArgumentError(
        'params',
        'params: initialize was called before with other params, and a connection is initialized once; start another client for other params',
      );
    }
    this.#paramsJson = paramsJson;
    this.#state = 'initializing';
    const answer = this.#perform(params, options);
    this.#answer = answer;
    answer.catch(() => {
      this.#answer = undefined;
      this.#state = 'none';
    });
    return answer;
  }

  /** Sends `initialized`, once. @throws {@link HandshakeError} before `initialize` was answered, or when the server went */
  initialized(): Promise<void> {
    if (this.#serverInfo === undefined) {
      const details = { stderrTail: this.#owner.stderrTail() };
      return Promise.reject(
        new HandshakeError(
          'initialized() comes after initialize(); call and await initialize() first',
          details,
        ),
      );
    }
    this.#initialized ??= this.#owner.sendInitialized().then(
      () => {
        this.#state = 'ready';
      },
      (cause: unknown) => {
        throw this.#failed(cause);
      },
    );
    return this.#initialized;
  }

  async #perform(params: InitializeParams, options: RequestOptions): Promise<InitializeResponse> {
    try {
      const response = await this.#owner.sendInitialize(params, options);
      if (!isPlainObject(response)) throw new Error(`it answered with ${describeValue(response)}`);
      const serverInfo = serverInfoOf(response, params.clientInfo.name);
      if (!this.#owner.allowUnsupportedServer) checkServerVersion(serverInfo.version);
      this.#serverInfo = serverInfo;
      this.#state = 'answered';
      return response;
    } catch (cause) {
      const isAborted = options.signal?.aborted === true && cause === options.signal.reason;
      if (isAborted || cause instanceof UnsupportedServerError || cause instanceof InvalidArgumentError)
        throw cause;
      throw this.#failed(cause);
    }
  }

  #failed(cause: unknown): HandshakeError {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the handshake with the codex app-server failed: ${why}`;
    return new HandshakeError(message, { stderrTail: this.#owner.stderrTail() }, { cause });
  }
}

/** @throws {@link InvalidArgumentError} */
function checkedParams(params: InitializeParams): InitializeParams {
  if (!isPlainObject(params)) rejectArgument('params', params, 'an object with clientInfo');
  checkKnownKeys('params', params, ['clientInfo', 'capabilities']);
  if (!isPlainObject(params.clientInfo))
    rejectArgument('params.clientInfo', params.clientInfo, 'an object with name and version');
  const { name, version } = params.clientInfo;
  if (name === undefined) rejectArgument('params.clientInfo.name', name, 'a non-empty string');
  if (version === undefined) rejectArgument('params.clientInfo.version', version, 'a non-empty string');
  checkText('params.clientInfo.name', name);
  checkText('params.clientInfo.version', version);
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
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry;
  return JSON.stringify(JSON.parse(jsonText('params', value)), sorted);
}
