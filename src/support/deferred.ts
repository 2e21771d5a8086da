/** A promise with its two ends in hand; Node 20 has no `Promise.withResolvers`. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** Makes a {@link Deferred}. */
export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = notYet;
  let reject: (reason: unknown) => void = notYet;
  // The executor runs inside the constructor, so both are set when it returns.
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  return { promise, resolve, reject };
}

function notYet(): void {}

/** Keeps a promise that nobody may be waiting for from being reported as unhandled. */
export function markHandled(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
