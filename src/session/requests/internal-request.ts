/** How a request of a run differs from one of the user. A type alone; none of its functions may throw. */
import type { ResponseOf } from './protocol-request.js';

/** What a run asks of its requests beyond what users may. */
export interface InternalRequestOptions<M extends string = string> {
  /** Does not keep the pipe being read; the run's reader does. @defaultValue false */
  readonly isBackground?: boolean;
  /** It passes those who wait for an answer before they are sent: it is to find out whether any comes. @defaultValue false */
  readonly isProbe?: boolean;
  /** It is the `turn/start` of a run, which keeps other runs of its thread waiting by itself. @defaultValue false */
  readonly isOwnTurn?: boolean;
  /** Firing it takes the request back, unless it is at the server; it rejects with the reason then. */
  readonly recall?: AbortSignal;
  /** Hears the server's refusal before any message behind it is looked at; the promise tells of it later. */
  readonly onRefused?: (error: Error) => void;
  /** Sees the answer before any message behind it is looked at; the promise tells of it later. */
  readonly onResult?: (result: ResponseOf<M>) => void;
  /** Called when the request has its place among the lines that go out: what is sent from then on follows it. */
  readonly onSent?: () => void;
  /** Called when the server turned the request away: what was sent since has found nothing, and it goes out again. */
  readonly onTurnedAway?: () => void;
  /** Called when the request was given up before the pipe had it: it is never sent. */
  readonly onTakenBack?: () => void;
}
