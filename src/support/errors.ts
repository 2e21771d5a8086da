/**
 * Every error this package throws on purpose. One base class with a string `code`, so that callers
 * can branch on `error.code` across versions and realms, and one subclass for each situation.
 * A wrapped error is always kept in `cause`. Nothing here prints, and no message holds the environment. Those about a
 * thread are in `thread-errors.ts`.
 */
import type { Turn } from '../protocol/generated.js';
import type { TurnResult } from '../runs/turn/turn-result.js';
import { type CodexErrorCode, ERROR_NAMES } from './error-codes.js';

/** The base of every error that this package throws on purpose. */
export abstract class CodexClientError extends Error {
  /** What happened, as a stable string: safe to compare across versions. */
  abstract readonly code: CodexErrorCode;

  /** The class name, also after minification of the caller's program. */
  override get name(): string {
    return ERROR_NAMES[this.code];
  }
}

/** An option or a parameter has a value this package cannot work with. Nothing was sent or spawned. */
export class InvalidArgumentError extends CodexClientError {
  readonly code = 'CODEX_INVALID_ARGUMENT';
  /** The option or parameter, as the caller wrote it, for example `options.buffer.highWaterMark`. */
  readonly argument: string;

  constructor(argument: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.argument = argument;
  }
}

/** The server's process, or the proxy of a connection, could not be started. The message names what was tried and how to install codex. */
export class SpawnError extends CodexClientError {
  readonly code = 'CODEX_SPAWN';
}

/** The process started, or the connection stood, and the handshake (`initialize`) did not succeed. It is gone. */
export class HandshakeError extends CodexClientError {
  readonly code = 'CODEX_HANDSHAKE';
  /** The end of what the server wrote to stderr, with ANSI codes removed and secrets masked. */
  readonly stderrTail: string;

  constructor(message: string, details: { readonly stderrTail: string }, options?: ErrorOptions) {
    super(message, options);
    this.stderrTail = details.stderrTail;
  }
}

/** The server is older than the oldest version this package works with. */
export class UnsupportedServerError extends CodexClientError {
  readonly code = 'CODEX_UNSUPPORTED_SERVER';
  /** The version the server reported, for example `0.98.0`. */
  readonly serverVersion: string;
  /** The oldest version this package works with. */
  readonly oldestVersion: string;

  constructor(message: string, details: { readonly serverVersion: string; readonly oldestVersion: string }) {
    super(message);
    this.serverVersion = details.serverVersion;
    this.oldestVersion = details.oldestVersion;
  }
}

/** The server answered a request with a JSON-RPC error. */
export class RpcError extends CodexClientError {
  readonly code = 'CODEX_RPC';
  /** The method of the request that failed. */
  readonly method: string;
  /** The JSON-RPC error code, for example `-32600`. */
  readonly rpcCode: number;
  /** The `data` member of the server's error, as received. */
  readonly data: unknown;
  /** The `message` member of the server's error, as received; that of this error may say more, or the same in short. */
  readonly serverMessage: string;

  constructor(
    message: string,
    details: {
      readonly method: string;
      readonly rpcCode: number;
      readonly data: unknown;
      readonly serverMessage?: string;
    },
  ) {
    super(message);
    this.method = details.method;
    this.rpcCode = details.rpcCode;
    this.data = details.data;
    this.serverMessage = details.serverMessage ?? message;
  }
}

/** The server went on answering `-32001` (overloaded) until the request's time for retries was used up. */
export class OverloadedError extends CodexClientError {
  readonly code = 'CODEX_OVERLOADED';
  /** The method of the request that was turned away. */
  readonly method: string;
  /** How often the request was sent. */
  readonly attempts: number;

  constructor(
    message: string,
    details: { readonly method: string; readonly attempts: number },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.method = details.method;
    this.attempts = details.attempts;
  }
}

/** A call took longer than its `timeoutMs`. Only this call is over; the client and all other calls go on. */
export class RequestTimeoutError extends CodexClientError {
  readonly code = 'CODEX_REQUEST_TIMEOUT';
  /** The method of the call, for example `thread/start`, or `nextMessage` for a read. */
  readonly method: string;
  /** The limit that passed, in milliseconds. */
  readonly timeoutMs: number;

  constructor(message: string, details: { readonly method: string; readonly timeoutMs: number }) {
    super(message);
    this.method = details.method;
    this.timeoutMs = details.timeoutMs;
  }
}

/** How the server's process ended, and its last words. */
export interface ServerExit {
  /** The exit code, or `null` when a signal ended the process or the code is not known. */
  readonly exitCode: number | null;
  /** The signal that ended the process, for example `SIGKILL`, or `null`. */
  readonly signal: string | null;
  /** The end of what the server wrote to stderr, with ANSI codes removed and secrets masked. */
  readonly stderrTail: string;
}

/**
 * The server, or the connection to it, is gone: pending calls reject with this error, and so does every call afterwards. When a pipe or a socket
 * broke, `cause` is its own error, such as `EPIPE`, `EIO` or `ECONNRESET`.
 *
 * A run whose turn it cut short rejects with one of its own, which has what the turn had come to in `result`, and the error
 * that all other calls got for its `cause`.
 */
export class ServerClosedError extends CodexClientError implements ServerExit {
  readonly code = 'CODEX_SERVER_CLOSED';
  /** The exit code, or `null` when a signal ended the process or the code is not known. */
  readonly exitCode: number | null;
  /** The signal that ended the process, for example `SIGKILL`, or `null`. */
  readonly signal: string | null;
  /** The end of what the server wrote to stderr, with ANSI codes removed and secrets masked. */
  readonly stderrTail: string;
  /**
   * What the turn had come to, of the error of a run: items, messages as far as they were written, usage; `status` is the
   * last one that the server told, mostly `inProgress`. Undefined when the server had not named the turn, and for all others.
   */
  readonly result: TurnResult<unknown, Turn['status']> | undefined;

  constructor(
    message: string,
    details: ServerExit & { readonly result?: TurnResult<unknown, Turn['status']> | undefined },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.result = details.result;
    this.exitCode = details.exitCode;
    this.signal = details.signal;
    this.stderrTail = details.stderrTail;
  }
}

/**
 * The server broke the protocol: it wrote a line that starts like a message and is none, and the client closed; or it
 * answered a paged list with something that is no page, and only that list ends; or a call of the protocol with
 * something that is no object, and only that call fails.
 */
export class ProtocolError extends CodexClientError {
  readonly code = 'CODEX_PROTOCOL';
}

/**
 * Unread messages fill `buffer.maxBytes`, so the call cannot be answered until somebody reads; nothing held is lost. Or
 * what waits to be sent fills `buffer.maxOutgoingBytes`, and the call was not sent. Or, with `missed`, the first read of a
 * main stream that gave notifications up while nobody read it; reading goes on.
 */
export class BackpressureError extends CodexClientError {
  readonly code = 'CODEX_BACKPRESSURE';
  /** How many messages were lost to this reader; `0` when none was. */
  readonly missed: number;

  constructor(message: string, details: { readonly missed: number }, options?: ErrorOptions) {
    super(message, options);
    this.missed = details.missed;
  }
}

/** This server request was answered before; a server request is answered once. Nothing was sent. */
export class AlreadyRespondedError extends CodexClientError {
  readonly code = 'CODEX_ALREADY_RESPONDED';
}

/** The server no longer waits for this answer: `serverRequest/resolved` arrived, or the id is not known. Nothing was sent. */
export class StaleRequestError extends CodexClientError {
  readonly code = 'CODEX_STALE_REQUEST';
}

/** A stream has one reader at a time, and a second read began while the first was waiting. */
export class ConcurrentReadError extends CodexClientError {
  readonly code = 'CODEX_CONCURRENT_READ';
}

/** A loop over a run began when `result()` or `text()` had read its messages; each message is handed out once. */
export class AlreadyReadError extends CodexClientError {
  readonly code = 'CODEX_ALREADY_READ';
}
