/** A promise with its two ends in hand; Node 20 has no `Promise.withResolvers`. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** Makes a {@link Deferred}. */
export function deferred<T>(): Deferred<T> {
  let ends: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject };
  });
  // The executor runs inside the constructor, so `ends` is set by now.
  return { promise, ...(ends as Pick<Deferred<T>, 'resolve' | 'reject'>) };
}

/** Keeps a promise that nobody may be waiting for from being reported as unhandled. */
export function markHandled(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
