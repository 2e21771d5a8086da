/** Spans for whatever a client hears of. Owns the tap that looks on, and when it is left; takes no message from anybody. */
import type { EventTap, TapOptions } from '../session/taps/tap.js';
import { memberOf, rejectArgument } from '../support/argument-checks.js';
import { ConversationSpans } from './conversation-spans.js';
import { guarded } from './guarded-spans.js';
import { checkTraceOptions, settingsOf, type TraceOptions } from './trace-options.js';

/** Options of {@link traceAll}. */
export interface TraceAllOptions extends TraceOptions, TapOptions {}

/** A client that can be looked at. */
export interface TraceableClient {
  /** Opens a tap of all messages, as that of `AsyncClient` does. */
  tap(filter?: undefined, options?: TapOptions): EventTap;
}

/**
 * Makes spans for every turn that the client hears of from now on, whoever started and reads it: `result()`, another
 * client's, a goal's, sub-agents'. It looks on by a tap: it takes no message, holds nobody back, and where it lags, which costs
 * `maxHeldBytes` at most, spans whose end it may have missed end there with `codex.unfinished`, and an event `codex.gap` says how many messages are missing.
 *
 * Settles when the client has ended, or `signal` has fired; turns that go on then end with `codex.unfinished`. It never
 * rejects: why a server went is in `client.closed` and on the spans.
 *
 * @throws InvalidArgumentError when an argument cannot work; nothing was opened
 */
export function traceAll(client: TraceableClient, options: TraceAllOptions = {}): Promise<void> {
  if (typeof memberOf(client, 'tap') !== 'function') rejectArgument('client', client, 'an AsyncClient');
  checkTraceOptions(options, ['signal', 'maxHeldBytes']);
  const { signal, maxHeldBytes } = options;
  const spans = new ConversationSpans(settingsOf(options));
  return followed(client.tap(undefined, { signal, maxHeldBytes }), spans);
}

async function followed(tap: EventTap, spans: ConversationSpans): Promise<void> {
  try {
    for await (const seen of tap) {
      guarded(() => (seen.kind === 'gap' ? spans.missed(seen.missed) : spans.see(seen)));
    }
    guarded(() => spans.end('left'));
  } catch (error) {
    // Whoever uses the client is told of its end.
    guarded(() => spans.end('lost', error));
  }
}
