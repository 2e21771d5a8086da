/** Who gets a message among any number of routes, against a model that asks each of them. */
import type { ServerMessage } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scopeOf } from '../../../src/session/messages/server-message.js';
import { claimOf, type EventFilter } from '../../../src/session/streams/event-filter.js';
import type { StreamClaim } from '../../../src/session/streams/open-stream.js';
import { PRECEDENCE, REQUEST_GROUP } from '../../../src/session/streams/precedence.js';
import { type RouteKeys, RouteTable } from '../../../src/session/streams/route-table.js';
import { memberOf } from '../../../src/support/argument-checks.js';
import { takes } from '../../helpers/filter-oracle.js';
import { ask, delta } from '../../helpers/messages.js';
import { change, messages, output, routeOf, type TestRoute, WARNING } from './routes.js';

/** A table of named routes; `winner` is the name of the one that a message goes to. */
function startTable() {
  const table = new RouteTable<TestRoute>();
  const names = new Map<TestRoute, string>();
  const add = (name: string, claim: StreamClaim) => {
    const route = routeOf(claim);
    names.set(route, name);
    table.add(route);
    return route;
  };
  const filter = (name: string, wanted: EventFilter) => add(name, claimOf(wanted));
  const run = (name: string, threadId: string, turnId?: string) =>
    add(name, {
      keys: { threadId },
      precedence: PRECEDENCE.turnRun,
      takes: (_message, scope) => turnId === undefined || scope.turnId === turnId,
    });
  const winner = (message: ServerMessage) => {
    const found = table.find(message, scopeOf(message));
    return found === undefined ? undefined : names.get(found);
  };
  return { table, add, filter, run, winner };
}

const inTurn = { threadId: 'a', turnId: 'u' };

describe('precedence', () => {
  test('L1 the narrowest filter wins, whenever it came, then the next one', () => {
    const { table, filter, winner } = startTable();
    const byWidth: readonly EventFilter[] = [
      { kind: 'notification' },
      { methods: ['item/agentMessage/delta'] },
      { threadId: 'a' },
      { threadId: 'a', methods: ['item/agentMessage/delta'] },
      { turnId: 'u' },
      { turnId: 'u', threadId: 'a' },
    ];
    const routes = byWidth.map((wanted, index) => filter(String(index), wanted));
    for (const [index, route] of [...routes.entries()].reverse()) {
      expect(winner(delta(1, inTurn))).toBe(String(index));
      table.remove(route);
    }
    expect(winner(delta(1, inTurn))).toBeUndefined();
  });

  test('L1 a route that does not take a message leaves it to the next one, on its own shelf too', () => {
    const { run, winner } = startTable();
    run('of turn u', 'a', 'u');
    run('of turn v', 'a', 'v');
    run('of any turn', 'a');
    expect(winner(delta(1, { threadId: 'a', turnId: 'v' }))).toBe('of turn v');
    expect(winner(delta(1, { threadId: 'a', turnId: 'w' }))).toBe('of any turn');
  });

  test('L1 one output of a command is narrower than the command', () => {
    const { add, filter, winner } = startTable();
    filter('all output', { methods: ['command/exec/outputDelta'] });
    add('command', { keys: { resourceId: 'p' }, precedence: PRECEDENCE.command });
    add('stdout', { keys: { resourceId: 'p' }, precedence: PRECEDENCE.commandOutput });
    expect(winner(output('p'))).toBe('stdout');
    expect(winner(output('q'))).toBe('all output');
  });

  test('L1 a route of a resource gets its outputs and changes, and nothing that names none', () => {
    const { add, winner } = startTable();
    add('resource', { keys: { resourceId: 'p' }, precedence: PRECEDENCE.fileWatch });
    expect(winner(change('p'))).toBe('resource');
    expect(winner(change('q'))).toBeUndefined();
    expect(winner(WARNING)).toBeUndefined();
    expect(winner(delta(1))).toBeUndefined();
    const other = { ...WARNING, params: { watchId: 'p', processId: 'p' } };
    expect(winner(other as never)).toBeUndefined();
  });

  test('a message without params finds the routes that ask for none', () => {
    const { add, filter, winner } = startTable();
    add('resource', { keys: { resourceId: 'p' }, precedence: PRECEDENCE.fileWatch });
    filter('thread', { threadId: 'a' });
    filter('kind', { kind: 'notification' });
    // What a server can write, and no type promises.
    for (const method of ['fs/changed', 'command/exec/outputDelta']) {
      const withoutParams = { kind: 'notification', method, params: null };
      expect(winner(withoutParams as never)).toBe('kind');
    }
  });
});

describe('what a look-up costs', () => {
  test('is one question for each kind of filter, however many are filed under the same key', () => {
    const { table, winner } = startTable();
    let asked = 0;
    const claims = [claimOf({ threadId: 'a' }), claimOf({ turnId: 'u' }), claimOf({ kind: 'request' })];
    for (let n = 0; n < 300; n += 1) {
      const takes = () => {
        asked += 1;
        return true;
      };
      table.add({ ...routeOf(claims[n % 3] ?? claimOf({})), takes });
    }
    winner(delta(1, inTurn));
    expect(asked).toBe(1);
    winner(ask(1, inTurn));
    // A request may find a better group with the wider ones.
    expect(asked).toBe(4);
  });

  test('is one question for a notification, however many runs of its thread are unattended', () => {
    const { add, winner } = startTable();
    let asked = 0;
    for (let n = 0; n < 100; n += 1) {
      const takes = () => {
        asked += 1;
        return true;
      };
      const precedence = PRECEDENCE.turnRun;
      add(String(n), { keys: { threadId: 'a' }, precedence, requestGroup: REQUEST_GROUP.unattended, takes });
    }
    expect(winner(delta(1, inTurn))).toBe('0');
    expect(asked).toBe(1);
  });

  test('L21 of all who want a message is one question for each of them, however many want others', () => {
    const { table } = startTable();
    const asked: number[] = [];
    for (let n = 0; n < 1_000; n += 1) {
      const takes = () => {
        asked.push(n);
        return true;
      };
      table.add({ ...routeOf(claimOf(n % 2 === 0 ? { threadId: `${n}` } : { turnId: `${n}` })), takes });
    }
    const message = delta(1, { threadId: '8', turnId: '9' });
    expect(table.all(message, scopeOf(message)).size).toBe(2);
    expect(asked.toSorted()).toEqual([8, 9]);
  });

  test('L21 of a call is one question to the set that has its tool, however many sets there are', () => {
    const { table } = startTable();
    const asked: number[] = [];
    for (let n = 0; n < 1_000; n += 1) {
      const takes = () => {
        asked.push(n);
        return true;
      };
      const claim = {
        keys: { tools: [`tool ${n}`, `other ${n}`], threadId: n % 2 === 0 ? 'a' : undefined },
        precedence: PRECEDENCE.toolCalls,
        requestGroup: REQUEST_GROUP.called,
      };
      table.add({ ...routeOf(claim), takes });
    }
    const call = ask(1, inTurn);
    for (const [tool, n] of [
      ['tool 8', 8],
      ['other 9', 9],
    ] as const) {
      const message = { ...call, params: { ...call.params, tool } };
      expect(table.find(message, scopeOf(message))?.keys.tools?.[0]).toBe(`tool ${n}`);
    }
    expect(table.find(delta(1, inTurn), scopeOf(delta(1, inTurn)))).toBeUndefined();
    expect(asked).toEqual([8, 9]);
  });

  test('a set of tools that is taken out is found by none of its names', () => {
    const { table } = startTable();
    const route = routeOf({ keys: { tools: ['tool', 'x/tool'] }, precedence: PRECEDENCE.toolCalls });
    table.add(route);
    table.remove(route);
    expect(table.find(ask(1, inTurn), scopeOf(ask(1, inTurn)))).toBeUndefined();
    expect(table.size).toBe(0);
  });

  test('is nothing for the kinds of filters that were there once', () => {
    const { table, filter } = startTable();
    const first = filter('methods', { methods: ['configWarning'] });
    const others = ['also', 'and'].map((name) => filter(name, { methods: ['item/tool/call'] }));
    filter('thread', { threadId: 'b' });
    let looks = 0;
    const message = { ...delta(1, inTurn) };
    const { method } = message;
    const look = () => {
      looks += 1;
      return method;
    };
    Object.defineProperty(message, 'method', { get: look });
    const looksOf = () => {
      looks = 0;
      table.find(message, scopeOf(message));
      return looks;
    };
    expect(looksOf()).toBe(1);
    for (const route of others) table.remove(route);
    expect(looksOf()).toBe(1);
    table.remove(first);
    expect(looksOf()).toBe(0);
  });
});

describe('age', () => {
  test('L1 among equals the oldest wins, and after it the next oldest', () => {
    const { table, filter, winner } = startTable();
    const [first] = ['first', 'second', 'third'].map((name) => filter(name, { threadId: 'a' }));
    expect(winner(delta(1, inTurn))).toBe('first');
    if (first !== undefined) table.remove(first);
    expect(winner(delta(1, inTurn))).toBe('second');
  });

  test.each([
    ['run', 'filter'],
    ['filter', 'run'],
  ])('L1 a run and a filter by thread and turn are equals: the %s that came before the %s wins', (older) => {
    const { run, filter, winner } = startTable();
    if (older === 'run') run('run', 'a');
    filter('filter', inTurn);
    if (older === 'filter') run('run', 'a');
    expect(winner(delta(1, inTurn))).toBe(older);
    expect(winner(ask(1, inTurn))).toBe(older);
  });

  test('L1 a run and a filter are equals for requests, too, and however many filters came before both', () => {
    const { run, filter, winner } = startTable();
    filter('elsewhere', { threadId: 'b', turnId: 'v' });
    run('run', 'a');
    filter('filter', inTurn);
    expect(winner(delta(1, inTurn))).toBe('run');
    expect(winner(ask(1, inTurn))).toBe('run');
  });

  test('L1 nobody’s group matters to a notification', () => {
    const { run, filter, winner } = startTable();
    run('older', 'a').requestGroup = REQUEST_GROUP.unattended;
    filter('younger', inTurn);
    expect(winner(delta(1, inTurn))).toBe('older');
    expect(winner(ask(1, inTurn))).toBe('younger');
  });

  test('L1 a route that was taken out and filed again is the youngest', () => {
    const { table, filter, winner } = startTable();
    const first = filter('first', { threadId: 'a' });
    filter('second', { threadId: 'a' });
    table.remove(first);
    table.add(first);
    expect(winner(delta(1, inTurn))).toBe('second');
    expect([...table.routes]).toHaveLength(2);
  });
});

describe('groups of server requests', () => {
  test('L1 whoever asks for requests comes before who reads, and both before who is unattended', () => {
    const { table, run, filter, winner } = startTable();
    run('unattended', 'a').requestGroup = REQUEST_GROUP.unattended;
    const reads = filter('reads', { threadId: 'a' });
    const asked = filter('asked', { kind: 'request' });
    expect(winner(ask(1, inTurn))).toBe('asked');
    expect(winner(delta(1, inTurn))).toBe('unattended');
    table.remove(asked);
    expect(winner(ask(1, inTurn))).toBe('reads');
    table.remove(reads);
    expect(winner(ask(1, inTurn))).toBe('unattended');
  });

  test('L1 an unattended run hands requests to a younger one of its thread that is read', () => {
    const { run, winner } = startTable();
    const older = run('older', 'a');
    run('younger', 'a');
    expect(winner(ask(1, inTurn))).toBe('older');
    older.requestGroup = REQUEST_GROUP.unattended;
    expect(winner(ask(1, inTurn))).toBe('younger');
    expect(winner(delta(1, inTurn))).toBe('older');
  });

  test('L1 within a group the narrowest wins, then the oldest', () => {
    const { filter, winner } = startTable();
    filter('kind', { kind: 'request' });
    filter('methods', { methods: ['item/tool/call', 'currentTime/read'] });
    filter('also methods', { methods: ['item/tool/call'] });
    expect(winner(ask(1))).toBe('methods');
  });
});

describe('keys', () => {
  test('a route of several methods is found by each, and by no other', () => {
    const { filter, winner } = startTable();
    filter('two', { methods: ['item/tool/call', 'configWarning', 'configWarning'] });
    expect(winner(ask(1))).toBe('two');
    expect(winner(WARNING)).toBe('two');
    expect(winner(delta(1))).toBeUndefined();
  });

  test('values of different members are not confused', () => {
    const { filter, winner } = startTable();
    filter('cut elsewhere', { threadId: 'yx', turnId: 'a' });
    expect(winner(delta(1, { threadId: 'x', turnId: 'ay' }))).toBeUndefined();
    filter('turn', { turnId: 'x' });
    filter('both', { threadId: 'x', turnId: 'y' });
    expect(winner(delta(1, { threadId: 'x', turnId: 'z' }))).toBeUndefined();
    expect(winner(delta(1, { threadId: 'y', turnId: 'x' }))).toBe('turn');
    expect(winner(delta(1, { threadId: 'x', turnId: 'y' }))).toBe('both');
  });

  test('a route with more keys is found by either, and its predicate still decides', () => {
    const { table, run, winner } = startTable();
    const route = run('run', 'a', 'u');
    table.addKeys(route, { threadId: 'b' });
    expect(winner(delta(1, { threadId: 'a', turnId: 'u' }))).toBe('run');
    expect(winner(delta(1, { threadId: 'b', turnId: 'u' }))).toBe('run');
    expect(winner(delta(1, { threadId: 'b', turnId: 'v' }))).toBeUndefined();
    expect(winner(delta(1, { threadId: 'c', turnId: 'u' }))).toBeUndefined();
  });

  test('L1 a route is as old under added keys as under its own', () => {
    const { table, run, winner } = startTable();
    const older = run('older', 'a');
    run('younger', 'b');
    table.addKeys(older, { threadId: 'b' });
    expect(winner(delta(1, { threadId: 'b' }))).toBe('older');
    expect(winner(ask(1, { threadId: 'b' }))).toBe('older');
  });

  test('L1 an older route is found under added keys that nobody had', () => {
    const { table, run, winner } = startTable();
    const older = run('older', 'a');
    run('younger', 'b');
    table.addKeys(older, { threadId: 'c' });
    expect(winner(delta(1, { threadId: 'c' }))).toBe('older');
  });

  test('removal leaves nothing behind, with the added keys and for who shares a key', () => {
    const { table, filter, run, winner } = startTable();
    const route = run('run', 'a');
    const added = [{ threadId: 'b' }, { methods: ['configWarning'] }, { threadId: 'b' }];
    for (const keys of added) table.addKeys(route, keys);
    filter('also b', { threadId: 'b' });
    expect(winner(WARNING)).toBe('run');
    table.remove(route, added);
    table.remove(route, added);
    expect(table.size).toBe(1);
    expect(winner(delta(1, inTurn))).toBeUndefined();
    expect(winner(WARNING)).toBeUndefined();
    expect(winner(delta(1, { threadId: 'b' }))).toBe('also b');
  });

  test('keys for a route that is not filed are not filed either', () => {
    const { table, run, winner } = startTable();
    const route = run('run', 'a');
    table.remove(route);
    table.addKeys(route, { threadId: 'a' });
    expect(table.size).toBe(0);
    expect(winner(delta(1, inTurn))).toBeUndefined();
  });
});

/** What may be open: filters, runs (read or not), and routes of a resource. */
const claims: fc.Arbitrary<StreamClaim> = fc.oneof(
  fc
    .record<EventFilter>(
      {
        kind: fc.constantFrom('notification', 'request'),
        methods: fc.subarray(['item/agentMessage/delta', 'item/tool/call', 'configWarning'], {
          minLength: 1,
        }),
        threadId: fc.constantFrom('a', 'b'),
        turnId: fc.constantFrom('u', 'v'),
      },
      { requiredKeys: [] },
    )
    .map((filter) => claimOf(filter)),
  fc
    .record({
      threadId: fc.constantFrom('a', 'b'),
      requestGroup: fc.constantFrom(REQUEST_GROUP.reads, REQUEST_GROUP.unattended),
      turnId: fc.constantFrom('u', 'v', undefined),
    })
    .map(
      ({ threadId, requestGroup, turnId }): StreamClaim => ({
        keys: { threadId },
        requestGroup,
        precedence: PRECEDENCE.turnRun,
        takes: (_message, scope) => turnId === undefined || scope.turnId === turnId,
      }),
    ),
  fc
    .record({
      resourceId: fc.constantFrom('p', 'q'),
      precedence: fc.constantFrom(PRECEDENCE.command, PRECEDENCE.commandOutput),
    })
    .map(({ resourceId, precedence }) => ({ keys: { resourceId }, precedence })),
);

type Step =
  | { readonly do: 'add'; readonly claim: StreamClaim }
  | { readonly do: 'remove'; readonly route: number }
  | { readonly do: 'find'; readonly message: ServerMessage };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), claim: claims }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), route: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('find' as const), message: messages }) },
);

/** Asks every route. */
function wantingOf(routes: readonly TestRoute[], message: ServerMessage): ReadonlySet<TestRoute> {
  const scope = scopeOf(message);
  return new Set(routes.filter((route) => hasKeys(route.keys, message) && route.takes(message, scope)));
}

/** Asks every route, in order of age. */
function bestOf(routes: readonly TestRoute[], message: ServerMessage): TestRoute | undefined {
  const groupOf = (route: TestRoute) => (message.kind === 'request' ? route.requestGroup : 0);
  return [...wantingOf(routes, message)].toSorted(
    (a, b) => groupOf(a) - groupOf(b) || b.precedence - a.precedence,
  )[0];
}

function hasKeys({ resourceId, ...filter }: RouteKeys, message: ServerMessage): boolean {
  // A route's keys without its resource are a filter.
  if (!takes(filter as EventFilter, message)) return false;
  if (resourceId === undefined) return true;
  const ids = [memberOf(message.params, 'processId'), memberOf(message.params, 'watchId')];
  return ids.includes(resourceId);
}

test('L1 whatever is filed and taken out, a message goes where a look at every route says', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40, size: 'max' }), (run) => {
      const table = new RouteTable<TestRoute>();
      let routes: readonly TestRoute[] = [];
      for (const step of run) {
        if (step.do === 'add') {
          const route = routeOf(step.claim);
          table.add(route);
          routes = [...routes, route];
        } else if (step.do === 'remove') {
          const removed = routes[step.route];
          if (removed === undefined) continue;
          table.remove(removed);
          routes = routes.filter((route) => route !== removed);
        } else {
          const { message } = step;
          expect(table.find(message, scopeOf(message))).toBe(bestOf(routes, message));
          expect(table.all(message, scopeOf(message))).toEqual(wantingOf(routes, message));
        }
        expect([...table.routes]).toEqual(routes);
        expect(table.size).toBe(routes.length);
      }
    }),
    { numRuns: 1_000 },
  );
});
