/**
 * A login in the user's hands: what to show to the person who signs in, and how it ended. It observes the server's
 * completions from before the login was sent, so that none is missed; it takes none away, they reach the streams too.
 */

import type {
  AccountLoginCompletedNotification,
  CancelLoginAccountStatus,
  LoginAccountParams,
  LoginAccountResponse,
} from '../protocol/generated.js';
import type { ServerMessage } from '../session/messages/server-message.js';
import type { Peer } from '../session/peer.js';
import type { RequestOptions } from '../session/requests/request-options.js';
import type { Follower } from '../session/streams/followers.js';
import {
  checkKnownKeys,
  checkSignal,
  checkTimeLimit,
  isPlainObject,
  rejectArgument,
} from '../support/argument-checks.js';
import { type Deferred, deferred, markHandled } from '../support/deferred.js';
import { RequestTimeoutError, RpcError } from '../support/errors.js';
import { Settlement } from '../support/settlement.js';

/** Options of {@link Login.completed}. */
export interface LoginCompletedOptions {
  /** How long to wait, in milliseconds; `0` for no limit. @defaultValue no limit: a person is signing in */
  readonly timeoutMs?: number | undefined;
  /** Aborting rejects the wait with `signal.reason`; the login goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** What the server says to each kind of login, with the members that this kind has. */
type LoginDetails<T extends LoginAccountParams['type']> = T extends 'chatgpt' | 'chatgptDeviceCode'
  ? Readonly<Extract<LoginAccountResponse, { type: T }>>
  : unknown;

/** What one or another kind of login says. */
interface LoginMembers {
  readonly type: LoginAccountResponse['type'];
  readonly loginId?: string;
  readonly authUrl?: string;
  readonly verificationUrl?: string;
  readonly userCode?: string;
}

/** A login started with params of type `P`: `authUrl` and its like are certain where the kind of login has them. */
export type LoginOf<P extends LoginAccountParams> = Login & LoginDetails<P['type']>;

/** JSON-RPC's first code for errors of the application; the server reports a failed login without one. */
const LOGIN_FAILED_CODE = -32000;

/** The method by which the server reports the end of a login. */
const COMPLETED = 'account/login/completed';

/** One login that was started. `await using` cancels it when it is not over by then, and does not wait for that. */
export interface Login extends AsyncDisposable {
  /** The kind of login that the server started. */
  readonly type: LoginAccountResponse['type'];
  /** The server's id of a login that waits for a person; undefined for the others. */
  readonly loginId: string | undefined;
  /** The address to open in a browser on this machine; only with `chatgpt`. */
  readonly authUrl: string | undefined;
  /** The address to open on any device; only with `chatgptDeviceCode`. */
  readonly verificationUrl: string | undefined;
  /** The code to enter there; only with `chatgptDeviceCode`. */
  readonly userCode: string | undefined;

  /**
   * Settles when the login has succeeded, also when it had before the call. The notification reaches the streams too. A login
   * that is let go of before it is over, at the end of an `await using`, rejects with an `AbortError`.
   *
   * @throws RpcError when the login failed, was cancelled, or was replaced by another one; `data` is what the
   * server sent
   * @throws RequestTimeoutError after `timeoutMs`; the login goes on
   * @throws ServerClosedError when the server went before the login was over
   * @throws BackpressureError when unread messages fill `buffer.maxBytes`; the login goes on
   * @throws InvalidArgumentError when an option is bad
   */
  completed(options?: LoginCompletedOptions): Promise<AccountLoginCompletedNotification>;

  /**
   * Gives up a login that waits for a person; {@link Login.completed} rejects then. Settles with `notFound` when there
   * is nothing to cancel (any more).
   *
   * @throws ServerClosedError when the server is gone
   */
  cancel(): Promise<CancelLoginAccountStatus>;

  /** Cancels the login unless it is over, for `await using`; never rejects. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A login at a server. */
class LiveLogin implements Login {
  readonly #peer: Peer;
  readonly #ending: LoginEnding;
  readonly type: LoginAccountResponse['type'];
  readonly loginId: string | undefined;
  readonly authUrl: string | undefined;
  readonly verificationUrl: string | undefined;
  readonly userCode: string | undefined;

  /** @internal */
  constructor(peer: Peer, ending: LoginEnding, response: LoginAccountResponse) {
    const details: LoginMembers = response;
    this.#peer = peer;
    this.#ending = ending;
    this.type = response.type;
    this.loginId = details.loginId;
    this.authUrl = details.authUrl;
    this.verificationUrl = details.verificationUrl;
    this.userCode = details.userCode;
  }

  async completed(options: LoginCompletedOptions = {}): Promise<AccountLoginCompletedNotification> {
    checkKnownKeys('options', options, ['timeoutMs', 'signal']);
    const { timeoutMs, signal } = options;
    checkTimeLimit('options.timeoutMs', timeoutMs);
    checkSignal('options.signal', signal);
    const wait = new Settlement<AccountLoginCompletedNotification>();
    wait.limit({ timeoutMs, signal, timeoutError: notCompleted });
    this.#ending.completion.then(
      (completed) => wait.resolve(completed),
      (error: unknown) => wait.reject(error),
    );
    const completion = await this.#peer.waitFor(wait.promise).catch((error: unknown) => {
      // Also when there was no room to read on: then the time limit is none of ours any more.
      wait.reject(error);
      throw error;
    });
    if (!completion.success) throw loginFailed(completion);
    return completion;
  }

  async cancel(): Promise<CancelLoginAccountStatus> {
    if (this.loginId === undefined) return 'notFound';
    return (await this.#peer.call('account/login/cancel', { loginId: this.loginId })).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.loginId !== undefined && !this.#ending.isOver)
      markHandled(this.#peer.part('account/login/cancel', { loginId: this.loginId }));
    this.#ending.stop();
  }
}

/** Waits for the completion of one login among those of all. */
class LoginEnding implements Follower {
  readonly #peer: Peer;
  readonly #completion: Deferred<AccountLoginCompletedNotification> = deferred();
  /** Completions that came before the answer told which login is ours. */
  readonly #early: AccountLoginCompletedNotification[] = [];
  /** `null` for a login that has no id; undefined until the answer. */
  #loginId: string | null | undefined;
  #isOver = false;

  constructor(peer: Peer) {
    this.#peer = peer;
    markHandled(this.#completion.promise);
    peer.follow(this, COMPLETED);
  }

  get completion(): Promise<AccountLoginCompletedNotification> {
    return this.#completion.promise;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** @param loginId - `null` for a login that has no id, as its completion has none */
  expect(loginId: string | null): void {
    this.#loginId = loginId;
    for (const completion of this.#early.splice(0)) this.#note(completion);
  }

  learn(): void {}

  observe(message: ServerMessage): void {
    // It follows nothing else.
    const { params } = message as Extract<ServerMessage, { method: typeof COMPLETED }>;
    if (this.#loginId === undefined) this.#early.push(params);
    else this.#note(params);
  }

  ended(): void {
    this.#completion.reject(this.#peer.closingError);
  }

  /** Waits no more, and neither does anybody else. */
  stop(): void {
    this.#isOver = true;
    this.#peer.unfollow(this);
    this.#completion.reject(
      new DOMException('the login was let go of before it was completed', 'AbortError'),
    );
  }

  #note(completion: AccountLoginCompletedNotification): void {
    if (completion.loginId !== this.#loginId) return;
    this.#completion.resolve(completion);
    this.stop();
  }
}

/**
 * Starts a login. Settles with what to show to the person who signs in. Rejects with `InvalidArgumentError` before
 * anything is sent, or as a request does.
 * @internal
 */
export async function login<const P extends LoginAccountParams>(
  peer: Peer,
  params: P,
  options: RequestOptions = {},
): Promise<LoginOf<P>> {
  checkParams(params);
  const ending = new LoginEnding(peer);
  try {
    const response = await peer.callTyped('account/login/start', params, options);
    ending.expect('loginId' in response ? response.loginId : null);
    // The server answers each kind of login with that kind's members.
    const started: Login = new LiveLogin(peer, ending, response);
    return started as LoginOf<P>;
  } catch (error) {
    ending.stop();
    throw error;
  }
}

/** @throws InvalidArgumentError */
function checkParams(params: unknown): void {
  if (!isPlainObject(params)) rejectArgument('params', params, 'an object with type');
  const { type } = params;
  if (typeof type !== 'string') rejectArgument('params.type', type, 'a kind of login, such as "chatgpt"');
}

function loginFailed(completion: AccountLoginCompletedNotification): RpcError {
  const reason = completion.error ?? 'the server gave no reason';
  const details = { method: COMPLETED, rpcCode: LOGIN_FAILED_CODE, data: completion };
  return new RpcError(`the login was not completed: ${reason}`, details);
}

function notCompleted(timeoutMs: number): RequestTimeoutError {
  const message = `the login was not completed within ${timeoutMs} ms; it goes on, wait again or cancel it`;
  return new RequestTimeoutError(message, { method: COMPLETED, timeoutMs });
}
