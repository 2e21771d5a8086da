/** What one read of a message takes: a filter, and how long it waits. Owns their check. */
import type { ServerVersion } from '../../protocol/checks/known-names.js';
import { checkKnownKeys, checkSignal, checkTimeLimit } from '../../support/argument-checks.js';
import { RequestTimeoutError } from '../../support/errors.js';
import { checkFilterMembers, type EventFilter, FILTER_NAMES } from './event-filter.js';

/** Options of `AsyncClient.nextMessage`: what may come, and how long to wait for it. */
export interface ReadOptions extends EventFilter {
  /** How long to wait, in milliseconds; `0` for no limit. @defaultValue no limit */
  readonly timeoutMs?: number | undefined;
  /**
   * Aborting rejects the read with `signal.reason`; no message is lost. With a filter, a message that has come by then is
   * given all the same.
   */
  readonly signal?: AbortSignal | undefined;
}

/** @throws InvalidArgumentError when an option is unknown or has a value that cannot work */
export function checkReadOptions(options: ReadOptions, server?: ServerVersion): void {
  checkKnownKeys('options', options, [...FILTER_NAMES, 'timeoutMs', 'signal']);
  checkFilterMembers('options', options, server);
  checkTimeLimit('options.timeoutMs', options.timeoutMs);
  checkSignal('options.signal', options.signal);
}

/** The error of a read that waited too long. */
export function readTimeout(timeoutMs: number): RequestTimeoutError {
  const message = `no message for it arrived within ${timeoutMs} ms; the stream goes on, and nothing was lost`;
  return new RequestTimeoutError(message, { method: 'nextMessage', timeoutMs });
}
