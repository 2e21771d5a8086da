/** L1 where streams are cut: who is asked, compared with an oracle that asks each of them. */
import type { ServerMessage, ServerRequest } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimOf, type EventFilter } from '../../../src/session/streams/event-filter.js';
import type { OpenStream } from '../../../src/session/streams/open-stream.js';
import { PRECEDENCE, REQUEST_GROUP } from '../../../src/session/streams/precedence.js';
import { Streams } from '../../../src/session/streams/streams.js';
import { takes } from '../../helpers/filter-oracle.js';
import { ask, delta, numberOf } from '../../helpers/messages.js';
import { startFlow } from './fake-flow.js';

/** A stream that is open: a filter, a run that is iterated, or one that only its result is asked of. */
interface Opened {
  readonly as: 'filter' | 'run' | 'unread run';
  readonly filter: EventFilter;
  readonly isCut: boolean;
}

const threadId = fc.constantFrom('a', 'b');
const turnId = fc.constantFrom('u', 'v');

const filters: fc.Arbitrary<EventFilter> = fc.oneof(
  fc.record({ threadId }),
  fc.record({ threadId, turnId }),
  fc.record({ threadId, kind: fc.constant('request' as const) }),
  fc.record({ methods: fc.constant(['item/tool/call'] as const) }),
  fc.record({ kind: fc.constantFrom('notification', 'request') }),
);

const isCut = fc.boolean();

const opened: fc.Arbitrary<Opened> = fc.oneof(
  fc.record({ as: fc.constant('filter' as const), filter: filters, isCut }),
  fc.record({
    as: fc.constantFrom('run' as const, 'unread run' as const),
    filter: fc.record({ threadId }),
    isCut,
  }),
);

/** A stream of the test, with what was refused for it. */
interface Open extends Opened {
  readonly stream: OpenStream;
  readonly refused: ServerRequest[];
}

function open(streams: Streams, { as, filter, isCut: cutSoon }: Opened): Open {
  const refused: ServerRequest[] = [];
  const isRun = as !== 'filter';
  const stream = streams.open(
    {
      ...claimOf(filter),
      ...(isRun && {
        precedence: PRECEDENCE.turnRun,
        refuses: (request: ServerRequest) => refused.push(request),
        requestGroup: as === 'run' ? REQUEST_GROUP.reads : REQUEST_GROUP.unattended,
      }),
    },
    { takesUnread: false },
  );
  if (cutSoon) stream.cut(1);
  return { as, filter, isCut: cutSoon, stream, refused };
}

/** Who is asked, said once more: `main`, or the index of the stream. */
function oracle(all: readonly Opened[], request: ServerMessage, isMainAttended: boolean): number | 'main' {
  const wanting = [...all.entries()].filter(([, { filter }]) => takes(filter, request));
  const groupOf = ({ as, filter, isCut: lags }: Opened) => {
    if (lags || as === 'unread run') return 3;
    return as === 'filter' && (filter.methods !== undefined || filter.kind === 'request') ? 1 : 2;
  };
  const rankOf = ({ as, filter }: Opened) =>
    as === 'filter' ? claimOf(filter).precedence : PRECEDENCE.turnRun;
  // One that was cut is asked only to refuse, where a run would wait for ever and nobody else is there.
  const able = wanting.filter(([, each]) => !each.isCut || (each.as !== 'filter' && !isMainAttended));
  able.sort(
    ([age, one], [otherAge, other]) =>
      groupOf(one) - groupOf(other) || rankOf(other) - rankOf(one) || age - otherAge,
  );
  return able[0]?.[0] ?? 'main';
}

test('L1 L5 L16 a request goes to the stream that would get it without those that are cut, or is refused, or waits on the main stream', () =>
  fc.assert(
    fc.property(
      fc.array(opened, { maxLength: 6 }),
      fc.record({ threadId, turnId }),
      fc.boolean(),
      (all, where, isMainAttended) => {
        const { flow } = startFlow();
        const streams = new Streams(flow);
        if (isMainAttended) streams.openMain();
        const each = all.map((one) => open(streams, one));
        const request = ask(7, where);
        streams.dispatch(request, 10);
        const winner = oracle(all, request, isMainAttended);
        expect(streams.main.unread).toBe(winner === 'main' ? 1 : 0);
        for (const [index, { stream, refused, isCut: wasCut }] of each.entries()) {
          const isAsked = index === winner;
          expect([index, stream.unread, refused]).toEqual([
            index,
            isAsked && !wasCut ? 1 : 0,
            isAsked && wasCut ? [request] : [],
          ]);
        }
      },
    ),
    { numRuns: 2_000 },
  ));

describe('a cut stream', () => {
  const inA = { threadId: 'a' };

  test('L5 is missed by every notification that it would get, and no other stream gets it', () => {
    const { flow } = startFlow();
    const streams = new Streams(flow);
    const { stream } = open(streams, { as: 'filter', filter: inA, isCut: true });
    const wider = open(streams, { as: 'filter', filter: { kind: 'notification' }, isCut: false });
    streams.dispatch(delta(0, inA), 10);
    expect([stream.unread, stream.missed, wider.stream.unread, streams.main.unread]).toEqual([0, 1, 0, 0]);
  });

  test('L1 L5 is asked again as soon as its reader was told', async () => {
    const { flow } = startFlow();
    const streams = new Streams(flow);
    const { stream } = open(streams, { as: 'run', filter: inA, isCut: true });
    await expect(stream.take()).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
    streams.dispatch(ask(1, inA), 10);
    expect(numberOf(await stream.take())).toBe(1);
  });

  test('L11 hands back the server requests that it holds when it is left, and misses nothing any more', () => {
    const { flow } = startFlow();
    const streams = new Streams(flow, 10);
    const { stream } = open(streams, { as: 'filter', filter: inA, isCut: false });
    const demand = { fail: () => {} };
    flow.enter(demand);
    for (const message of [ask(0, inA), delta(1, inA), delta(2, inA)]) streams.dispatch(message, 10);
    flow.leave(demand);
    expect([stream.unread, stream.missed]).toEqual([1, 2]);
    stream.close();
    expect([streams.main.requestCount, streams.missed]).toEqual([1, 2]);
    streams.dispatch(delta(3, inA), 10);
    expect(streams.main.unread).toBe(2);
    expect(flow.stats().held).toMatchObject({ messages: 2, bytes: 20 });
  });

  test('L16 the main stream’s requests are refused for a cut run when the main stream is left', () => {
    const { flow } = startFlow();
    const streams = new Streams(flow);
    const main = streams.openMain();
    const run = open(streams, { as: 'run', filter: inA, isCut: true });
    streams.dispatch(ask(1, inA), 10);
    expect([streams.main.unread, run.refused]).toEqual([1, []]);
    main.close();
    expect([streams.main.unread, run.refused.length]).toEqual([0, 1]);
    expect(flow.stats().held).toMatchObject({ messages: 0, bytes: 0 });
  });
});
