/** How the requests of an interleaving may end, given what was done to them. Knows nothing of how it ran. */
import { BackpressureError, RpcError, ServerClosedError } from 'codex-async-client';
import { expect } from 'vitest';

/** A request and what became of it. */
export interface TrackedCall {
  readonly n: number;
  readonly fate: 'result' | 'error' | 'overload' | 'never';
  readonly controller: AbortController;
  isAborted: boolean;
  /** The server has written its answer. */
  isAnswered: boolean;
  outcome: { readonly value: unknown } | { readonly error: unknown } | undefined;
}

/** The reason of every abort. */
export const ABORTED = new Error('aborted by the scenario');

/** The one way in which a call may have ended, given what was done to it. */
export function expectFairOutcome(call: TrackedCall, mayHaveFilled: boolean): void {
  expect(call.outcome).toBeDefined();
  if (call.outcome === undefined) return;
  if ('value' in call.outcome) {
    expect(call.outcome.value).toEqual({ n: call.n });
    expect(call).toMatchObject({ fate: 'result', isAnswered: true });
    return;
  }
  const { error } = call.outcome;
  if (error instanceof RpcError)
    expect({ n: error.rpcCode, fate: call.fate }).toEqual({ n: call.n, fate: 'error' });
  else if (error === ABORTED) expect(call.isAborted).toBe(true);
  else if (error instanceof BackpressureError) expect(mayHaveFilled).toBe(true);
  else {
    expect(error).toBeInstanceOf(ServerClosedError);
    // An answer that was written before the end has settled its call.
    expect(call.isAnswered).toBe(false);
  }
}
