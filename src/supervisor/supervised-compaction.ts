/**
 * A compaction of a supervised thread. Owns its place in the thread's line, which spans lives; it is made by the server that
 * lives when that place comes, once: one whose server goes rejects.
 */
import { type CompactOptions, checkCompactOptions, compactThread } from '../runs/turn/compact-turn.js';
import { runTimeout } from '../runs/turn/turn-errors.js';
import type { TurnQueues } from '../runs/turn/turn-queues.js';
import type { TurnResult } from '../runs/turn/turn-result.js';
import { deferred } from '../support/deferred.js';
import { Settlement } from '../support/settlement.js';
import type { Lives } from './life.js';
import { untilReady } from './turn-search.js';

/**
 * Compacts a thread; see `SupervisedThreadHandle.compact`.
 * @throws InvalidArgumentError when an option is bad; nothing was sent
 */
export function compactSupervised(
  lives: Lives,
  line: TurnQueues,
  threadId: string,
  options: CompactOptions,
): Promise<TurnResult> {
  checkCompactOptions(options);
  const { signal, timeoutMs, idleTimeoutMs } = options;
  const stop = new AbortController();
  const givenUp = deferred<undefined>();
  // Aborted, it interrupts what a server has; where none has it yet, nothing is sent any more.
  const compaction = new Settlement<TurnResult>((reason) => {
    givenUp.resolve(undefined);
    stop.abort(reason);
  });
  compaction.limit({ timeoutMs, signal, timeoutError: runTimeout });
  line.enter(threadId, async () => {
    try {
      const life = await Promise.race([lives.current(), givenUp.promise]);
      if (life === undefined || compaction.isSettled) return;
      await untilReady(life, { threadId, mayBeUnderWay: false, givenUp: givenUp.promise });
      const inLife = { idleTimeoutMs, signal: stop.signal };
      if (!compaction.isSettled)
        compaction.resolve(await compactThread(life.peer, life.queues, threadId, inLife));
    } catch (error) {
      compaction.reject(error);
    }
  });
  return compaction.promise;
}
