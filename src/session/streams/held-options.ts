/** How much of a stream may be held unread, and how: options of everything that is read. Owns their check. */
import { checkBoolean, rejectArgument } from '../../support/argument-checks.js';

/** Options of everything that is read: how much may be held unread, and how. */
export interface HeldOptions {
  /**
   * How much may be held unread here, in bytes; `Infinity` for no bound but `buffer.maxBytes`. What passes it while somebody
   * waits for what is behind it (a request, a stuck write, the reader of another stream) is not held: the reader gets what
   * came before, in order, then `BackpressureError` with how many notifications it `missed`, and can read on. While
   * nobody waits, the server is held back instead. A message alone may be larger.
   * @defaultValue 16,777,216 (16 MiB), or `buffer.maxBytes` where that is less
   */
  readonly maxHeldBytes?: number | undefined;
  /**
   * Merges what is unread when the reader lags: a piece of text goes behind the one before it, and of a state (diff, plan,
   * token usage, ...) only the latest is kept. The text is the same, and so is the order; `coalesced` says how many messages
   * one stands for. A reader that keeps up gets every message by itself.
   * @defaultValue false
   */
  readonly coalesce?: boolean | undefined;
}

/** The names of {@link HeldOptions}. */
export const HELD_OPTION_NAMES = [
  'maxHeldBytes',
  'coalesce',
] as const satisfies readonly (keyof HeldOptions)[];

/**
 * @param maxBytes - what all streams may hold together
 * @throws InvalidArgumentError when an option has a value that cannot work
 */
export function checkHeldOptions({ maxHeldBytes, coalesce }: HeldOptions, maxBytes: number): void {
  checkBoolean('options.coalesce', coalesce);
  checkMaxHeldBytes(maxHeldBytes, maxBytes);
}

/**
 * @param maxBytes - what all streams may hold together, where this is one of them
 * @throws InvalidArgumentError when it is no bound
 */
export function checkMaxHeldBytes(
  maxHeldBytes: number | undefined,
  maxBytes = Number.MAX_SAFE_INTEGER,
): void {
  if (maxHeldBytes === undefined || maxHeldBytes === Number.POSITIVE_INFINITY) return;
  if (Number.isSafeInteger(maxHeldBytes) && maxHeldBytes >= 1 && maxHeldBytes <= maxBytes) return;
  const range = maxBytes === Number.MAX_SAFE_INTEGER ? '1 or more' : `1 to ${maxBytes} (buffer.maxBytes)`;
  rejectArgument('options.maxHeldBytes', maxHeldBytes, `a whole number of bytes, ${range}, or Infinity`);
}
