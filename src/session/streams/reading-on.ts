/** Ways to wait for something that the server has to say first: the pipe is read on until it has. */
import { deferred } from '../../support/deferred.js';
import type { Demands } from '../../support/demand.js';

/** Settles as `awaited` does, and reads on until then; rejects with `BackpressureError` when it cannot. */
export async function waitFor<T>(demands: Demands, awaited: Promise<T>): Promise<T> {
  const failed = deferred<never>();
  const demand = { fail: failed.reject };
  demands.enter(demand);
  try {
    return await Promise.race([awaited, failed.promise]);
  } finally {
    demands.leave(demand);
  }
}

/** Reads on until the promise settles, as far as there is room. */
export function readUntil(demands: Demands, settled: Promise<unknown>): void {
  const demand = { fail: () => {} };
  demands.enter(demand);
  const leave = () => demands.leave(demand);
  settled.then(leave, leave);
}
