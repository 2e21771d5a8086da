/** The error of a connection that does not come about; in a file of its own, because users compile its declaration. */
import { CodexClientError } from '../../support/errors.js';

/** No connection to the running server came about: it was not reached, or it refused, or it speaks something else. */
export class ConnectionError extends CodexClientError {
  readonly code = 'CODEX_CONNECTION';
  /** What was to be reached, without token, query and arguments, for example `unix:///run/codex.sock`. */
  readonly target: string;
  /** The HTTP status when the answer was no WebSocket, for example `401`. */
  readonly statusCode: number | undefined;
  /** The end of what the proxy wrote to stderr, with ANSI codes removed and secrets masked; empty without a proxy. */
  readonly stderrTail: string;

  constructor(
    message: string,
    details: {
      readonly target: string;
      readonly statusCode: number | undefined;
      readonly stderrTail: string;
    },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.target = details.target;
    this.statusCode = details.statusCode;
    this.stderrTail = details.stderrTail;
  }
}
