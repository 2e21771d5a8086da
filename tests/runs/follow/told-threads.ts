/** What a followed thread says, for property tests: turns as a server tells them, and the thread's own states between. */
import type { ServerMessage } from 'codex-async-client';
import type { ViewMessage } from 'codex-async-client/view';
import fc from 'fast-check';
import { conversation } from '../../view/conversations.js';

/** The thread of all of them. */
export const THREAD = 'thread';

const state = (method: string, params: object): ViewMessage => ({
  kind: 'notification',
  method,
  params: { threadId: THREAD, ...params },
});

const states = fc.oneof(
  fc.string({ maxLength: 3 }).map((threadName) => state('thread/name/updated', { threadName })),
  fc.constantFrom('idle', 'active').map((type) => state('thread/status/changed', { status: { type } })),
  fc.nat({ max: 9 }).map((totalTokens) =>
    state('thread/tokenUsage/updated', {
      turnId: 'turn 0',
      tokenUsage: { total: { totalTokens }, last: { totalTokens }, modelContextWindow: null },
    }),
  ),
  fc.constant(state('a/method/of/tomorrow', {})),
);

/** All messages of the thread, in order. */
export const toldThread: fc.Arbitrary<ServerMessage[]> = fc
  .tuple(conversation(THREAD), fc.array(fc.tuple(fc.nat(), states), { maxLength: 8 }))
  .map(([messages, extra]) => {
    const all = [...messages];
    for (const [at, message] of extra) all.splice(at % (all.length + 1), 0, message);
    // The test's own edge of the wire.
    return all as ServerMessage[];
  });
