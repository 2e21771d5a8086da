/** Routes without streams, and messages of any kind, for tests of who gets what. */
import type { ServerMessage } from 'codex-async-client';
import fc from 'fast-check';
import type { StreamClaim } from '../../../src/session/streams/open-stream.js';
import { REQUEST_GROUP } from '../../../src/session/streams/precedence.js';
import type { Route } from '../../../src/session/streams/route-table.js';
import { ask, delta } from '../../helpers/messages.js';

/** A route of a claim. Its group can be changed, as a run's is. */
export interface TestRoute extends Route {
  requestGroup: number;
}

/** A route that takes what the claim says. */
export function routeOf({ keys, precedence, requestGroup, takes }: StreamClaim): TestRoute {
  return {
    keys,
    precedence,
    requestGroup: requestGroup ?? REQUEST_GROUP.reads,
    takes: (message, scope) => takes?.(message, scope) ?? true,
  };
}

/** Output of a process. */
export function output(processId: string): ServerMessage {
  const params = { processId, stream: 'stdout', deltaBase64: '', capReached: false } as const;
  return { kind: 'notification', method: 'command/exec/outputDelta', params };
}

/** A change of a watch. */
export function change(watchId: string): ServerMessage {
  return { kind: 'notification', method: 'fs/changed', params: { watchId, changedPaths: [] } };
}

/** A message that names neither thread nor turn. */
export const WARNING: ServerMessage = {
  kind: 'notification',
  method: 'configWarning',
  params: { summary: 'careful', details: null },
};

const where = fc.record({ threadId: fc.constantFrom('a', 'b'), turnId: fc.constantFrom('u', 'v') });

/** Messages of two threads, two turns and two resources, and one of none. */
export const messages: fc.Arbitrary<ServerMessage> = fc.oneof(
  where.map((at) => delta(0, at)),
  where.map((at) => ask(0, at)),
  fc.constantFrom('p', 'q').map(output),
  fc.constantFrom('p', 'q').map(change),
  fc.constant(WARNING),
);
