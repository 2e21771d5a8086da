/** What readers of a log get: by a model of pages that come, go and come back at any pace, and at the seams one by one. */
import { ServerClosedError, type ServerMessage, type ThreadEntry } from 'codex-async-client';
import { applyMessage, emptyView, type ThreadView } from 'codex-async-client/view';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EntryLog, type Place } from '../../../src/runs/follow/entry-log.js';
import { bytesInUse } from '../../helpers/heap.js';
import { ask, delta, deltas } from '../../helpers/messages.js';
import { outcomeOf } from '../../helpers/piped-server.js';
import { placeOf } from './page.js';
import { THREAD, toldThread } from './told-threads.js';

const RUNS = Number(process.env['INTERLEAVING_RUNS'] ?? 500);
const BYTES = 100;
/** What one message of these tests costs in a log. */
const COST = 2 * BYTES + 160;

const empty = (threadId = THREAD) => emptyView({ threadId, epoch: 'e' });

function startLog(keepMessages = 1_000): EntryLog {
  const log = new EntryLog(keepMessages * COST);
  log.begin(empty());
  return log;
}

const add = (log: EntryLog, messages: readonly ServerMessage[]) => {
  for (const message of messages) log.add(message, BYTES);
};

/** Everything that is at hand. */
function readAll(log: EntryLog, place: Place): ThreadEntry[] {
  const entries: ThreadEntry[] = [];
  for (let entry = log.entryAfter(place); entry !== undefined; entry = log.entryAfter(place))
    entries.push(entry);
  return entries;
}

const state = (threadName: string): ServerMessage => ({
  kind: 'notification',
  method: 'thread/name/updated',
  params: { threadId: 'thread', threadName },
});

const hook = (n: number) =>
  ({ kind: 'notification', method: `hook/${n}`, params: { threadId: 'thread' } }) as unknown as ServerMessage;

const ofItem = (method: string, params: object) =>
  ({
    kind: 'notification',
    method,
    params: { threadId: THREAD, turnId: 'turn', ...params },
  }) as unknown as ServerMessage;

const patched = (path: string) =>
  ofItem('item/fileChange/patchUpdated', {
    itemId: 'f',
    changes: [{ path, kind: { type: 'add' }, diff: '' }],
  });

const began = (id: string) => ofItem('item/started', { item: { type: 'plan', id, text: '' } });

/** An entry in short: `text`, `text*n` of n that were merged, `gap n`, `view`. */
function shown({ message, gap }: ThreadEntry): string {
  if (gap !== undefined) return `gap ${gap.missed}`;
  if (message === undefined) return 'view';
  const params = Object(message.params);
  const text = params.delta ?? params.threadName ?? ('id' in message ? `ask ${message.id}` : message.method);
  const { coalesced } = message as { coalesced?: number };
  return coalesced === undefined ? text : `${text}*${coalesced}`;
}

/** An entry on its way, and the newest place when it was sent. */
interface Sent {
  readonly entry: ThreadEntry;
  readonly head: number;
}

/** A page that is told entries, and whose connection may lose what is on its way. */
class ModelPage {
  view: ThreadView | undefined;
  lastId: string | undefined;
  readonly #log: EntryLog;
  #place: Place;
  /** Sent, and not received yet. */
  readonly #onTheWay: Sent[] = [];
  /** The place up to which everything has been accounted for since the last snapshot. */
  #accounted: number | undefined;
  #lastPlace = 0;
  /** The time since a break that its last snapshot is of, as the ids have it. */
  #time: string | undefined;
  #toldOfGap = false;

  constructor(log: EntryLog) {
    this.#log = log;
    this.#place = log.placeAfter(undefined);
  }

  reconnect(): void {
    this.#onTheWay.length = 0;
    this.#place = this.#log.placeAfter(this.lastId);
    this.#accounted = undefined;
    if (this.lastId !== undefined && Number.isInteger(placeOf(this.lastId)))
      this.#accounted = placeOf(this.lastId);
  }

  send(count: number, head: number): void {
    for (let sent = 0; sent < count; sent += 1) {
      const entry = this.#log.entryAfter(this.#place);
      if (entry !== undefined) this.#onTheWay.push({ entry, head });
    }
  }

  receive(count: number): void {
    for (const sent of this.#onTheWay.splice(0, count)) this.#receive(sent);
  }

  catchUp(head: number): void {
    this.receive(Number.POSITIVE_INFINITY);
    for (const entry of readAll(this.#log, this.#place)) this.#receive({ entry, head });
    // Each message was told, merged, or is in a snapshot: none is missing, and none was told twice.
    expect(this.#accounted).toBe(head);
  }

  #receive({ entry: { id, message, snapshot, gap }, head }: Sent): void {
    this.lastId = id;
    if (gap !== undefined) {
      this.#toldOfGap = true;
      if (gap.missed !== null) expect((this.#accounted ?? Number.NaN) + gap.missed).toBe(head);
      return;
    }
    const place = placeOf(id);
    const time = timeOf(id);
    if (snapshot !== undefined) {
      // Nothing is left out without a word.
      if (this.#time !== undefined && this.#time !== time) expect(this.#toldOfGap).toBe(true);
      this.#time = time;
      this.#toldOfGap = false;
      this.view = snapshot;
      this.#accounted = place;
    } else {
      if (this.view === undefined) throw new Error('a message came before a snapshot');
      expect([place > this.#lastPlace, time, this.#toldOfGap]).toEqual([true, this.#time, false]);
      this.view = applyMessage(this.view, message);
      this.#accounted =
        (this.#accounted ?? Number.NaN) + ((message as { coalesced?: number }).coalesced ?? 1);
    }
    this.#lastPlace = place;
  }
}

/** What the ids of the time between two breaks have alike. */
function timeOf(id: string): string {
  return id.replace(/[^.]*$/, '');
}

type Step =
  | { readonly does: 'break' | 'ask' | 'begin' }
  | { readonly does: 'tell'; readonly count: number }
  | { readonly does: 'send'; readonly page: number; readonly count: number }
  | { readonly does: 'receive'; readonly page: number; readonly count: number }
  | { readonly does: 'reconnect'; readonly page: number }
  | { readonly does: 'catchUp'; readonly page: number };

const PAGES = 3;
const page = fc.nat({ max: PAGES - 1 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant('tell' as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({
      does: fc.constantFrom('send' as const, 'receive' as const),
      page,
      count: fc.nat({ max: 6 }),
    }),
    fc.record({ does: fc.constantFrom('break' as const, 'ask' as const, 'begin' as const) }),
    fc.record({ does: fc.constant('reconnect' as const), page }),
    fc.record({ does: fc.constant('catchUp' as const), page }),
  ),
  { maxLength: 40 },
);

/** A thread whose server may go; its log, and pages that show it. */
class ModelThread {
  /** What the server has. */
  whole = empty();
  /** What the log can know of it. */
  known = empty();
  readonly #log: EntryLog;
  readonly #pages: readonly ModelPage[];
  readonly #rest: ServerMessage[];
  #isBroken = false;
  /** The state that the server was asked for. */
  #asked: ThreadView | undefined;
  #head = 1;
  #lives = 1;

  constructor(messages: readonly ServerMessage[], log: EntryLog) {
    this.#log = log;
    this.#rest = [...messages];
    this.#pages = Array.from({ length: PAGES }, () => new ModelPage(log));
  }

  act(step: Step): void {
    if (step.does === 'tell') this.#tell(this.#rest.splice(0, step.count));
    else if ('page' in step) this.#show(this.#pages[step.page] as ModelPage, step);
    else if (step.does === 'break') this.#break();
    else if (step.does === 'ask') this.#ask();
    else if (this.#asked !== undefined) this.#begin(this.#asked);
  }

  #tell(messages: readonly ServerMessage[]): void {
    add(this.#log, messages);
    this.whole = messages.reduce<ThreadView>(applyMessage, this.whole);
    if (this.#isBroken) return;
    this.known = this.whole;
    this.#head += messages.length;
  }

  #show(page: ModelPage, step: Extract<Step, { readonly page: number }>): void {
    if (step.does === 'reconnect') page.reconnect();
    else if (step.does === 'send') page.send(step.count, this.#head);
    else if (step.does === 'receive') page.receive(step.count);
    else {
      page.catchUp(this.#head);
      expect(page.view).toEqual(this.known);
    }
  }

  #break(): void {
    this.#log.breakOff();
    this.#isBroken = true;
    this.#asked = undefined;
  }

  #ask(): void {
    if (!this.#isBroken) return;
    this.#log.awaitBeginning();
    this.#lives += 1;
    this.whole = { ...this.whole, epoch: `e${this.#lives}`, requests: [] };
    this.#asked = this.whole;
  }

  #begin(asked: ThreadView): void {
    this.#log.begin(asked);
    this.#isBroken = false;
    this.#asked = undefined;
    this.known = this.whole;
    this.#head += 1;
  }
}

describe('L25 readers of a log', () => {
  test('have the state of the thread whenever they caught up, whatever their pace, their reconnects, what is kept, and when it breaks off', () => {
    fc.assert(
      fc.property(toldThread, steps, fc.integer({ min: 1, max: 30 }), (messages, script, keepMessages) => {
        const model = new ModelThread(messages, startLog(keepMessages));
        for (const step of script) model.act(step);
        for (const does of ['ask', 'begin'] as const) model.act({ does });
        model.act({ does: 'tell', count: messages.length });
        for (let index = 0; index < PAGES; index += 1) model.act({ does: 'catchUp', page: index });
        expect(model.known).toEqual(model.whole);
      }),
      { numRuns: RUNS },
    );
  });

  test('that lag have the items in the order of the log, also where one begins with a patch as it is written', () => {
    const log = startLog();
    const place = log.placeAfter(undefined);
    readAll(log, place);
    add(log, [patched('a'), began('c'), patched('b')]);
    const view = readAll(log, place).reduce(
      (known, { message }) => (message === undefined ? known : applyMessage(known, message)),
      empty(),
    );
    const [now] = readAll(log, log.placeAfter(undefined));
    const itemsOf = ({ turns }: ThreadView) => turns.map(({ items }) => items.map(({ id }) => id));
    expect(itemsOf(view)).toEqual([['f', 'c']]);
    expect(itemsOf(now?.snapshot ?? empty())).toEqual([['f', 'c']]);
  });

  test('get a snapshot first, and then what comes, each message by itself where they keep up', () => {
    const log = startLog();
    const place = log.placeAfter(undefined);
    expect(readAll(log, place).map(shown)).toEqual(['view']);
    const got = [delta(1), delta(2), state('a'), state('b')].flatMap((message) => {
      add(log, [message]);
      return readAll(log, place);
    });
    expect(got.map(shown)).toEqual(['1', '2', 'a', 'b']);
    expect(got.map(({ id }) => placeOf(id))).toEqual([2, 3, 4, 5]);
  });

  test('L22 that lag get pieces of one text as one, and of a state the latest, at its own place', () => {
    const log = startLog();
    const place = log.placeAfter(undefined);
    readAll(log, place);
    add(log, [
      state('a'),
      ...deltas(1, 3),
      state('b'),
      ask(7),
      ...deltas(4, 5),
      hook(1),
      state('c'),
      delta(6),
    ]);
    const got = readAll(log, place);
    expect(got.map(shown)).toEqual(['123*3', 'ask 7', '45*2', 'hook/1', 'c*3', '6']);
    // The id of what was merged is that of its last part, so that who comes back behind it gets the rest.
    expect(readAll(log, log.placeAfter(got[0]?.id)).map(shown)).toEqual(
      got.slice(1).map(shown).with(3, 'c*2'),
    );
  });

  test('that lag alike share what was merged for them', () => {
    const log = startLog();
    const places = [log.placeAfter(undefined), log.placeAfter(undefined)];
    const snapshots = places.map((place) => log.entryAfter(place));
    expect(snapshots[0]).toBe(snapshots[1]);
    add(log, [...deltas(1, 3), hook(1), state('a'), state('b')]);
    const [first, second] = places.map((place) => log.entryAfter(place));
    expect(first).toBe(second);
    expect(shown(first as ThreadEntry)).toBe('123*3');
  });

  test('are given merged text in pieces that a slow pipe can take', () => {
    const log = new EntryLog(100_000_000);
    log.begin(empty());
    const place = log.placeAfter(undefined);
    readAll(log, place);
    for (let n = 0; n < 8; n += 1) log.add(delta(n), 50_000);
    expect(readAll(log, place).map(shown)).toEqual(['01*2', '23*2', '45*2', '67*2']);
  });

  test('whose place is not held any more are told how many messages they miss, and get a snapshot', () => {
    const log = startLog(2);
    const place = log.placeAfter(undefined);
    const [begun] = readAll(log, place);
    add(log, [hook(1), hook(2), hook(3)]);
    const got = readAll(log, place);
    expect(got.map(shown)).toEqual(['gap 3', 'view']);
    expect(placeOf(got[1]?.id ?? '')).toBe(4);
    expect(readAll(log, log.placeAfter(begun?.id)).map(shown)).toEqual(['gap 3', 'view']);
    // The gap is no place: whoever comes back with it has not got the snapshot.
    expect(readAll(log, log.placeAfter(got[0]?.id)).map(shown)).toEqual(['gap null', 'view']);
  });

  test('at the edge of what is held go on without a gap', () => {
    const log = startLog(2);
    const place = log.placeAfter(undefined);
    readAll(log, place);
    add(log, [hook(1)]);
    const [first] = readAll(log, place);
    add(log, [hook(2), hook(3)]);
    expect(readAll(log, log.placeAfter(first?.id)).map(shown)).toEqual(['hook/2', 'hook/3']);
  });

  test.each([
    ['of another log', () => idAt(startLog(), 1)],
    ['that is garbage', () => 'ä\n\0'],
    ['of a place that is still to come', (log: EntryLog) => idAt(log, 99)],
    ['of no number', (log: EntryLog) => `${idAt(log, 1)}x`],
    ['of a number in another spelling', (log: EntryLog) => idAt(log, '01')],
  ])('with an id %s get a gap and a snapshot', (_, idIn: (log: EntryLog) => string) => {
    const log = startLog();
    add(log, [hook(1)]);
    expect(readAll(log, log.placeAfter(idIn(log))).map(shown)).toEqual(['gap null', 'view']);
  });

  test('get what is held after the end of the server, and then its error', async () => {
    const log = startLog();
    const place = log.placeAfter(undefined);
    add(log, [hook(1)]);
    const gone = new ServerClosedError('gone', { exitCode: 1, signal: null, stderrTail: '' });
    log.end(gone);
    expect(readAll(log, place).map(shown)).toEqual(['view']);
    await expect(log.wait(place)).rejects.toBe(gone);
  });
});

function idAt(log: EntryLog, place: number | string): string {
  const id = log.entryAfter(log.placeAfter(undefined))?.id ?? '';
  return id.replace(/[^.]*$/, String(place));
}

describe('L25 a log that was broken off', () => {
  /** One server has told two messages, and is gone. */
  function brokenLog() {
    const log = startLog();
    const [upToDate, behind, unread] = [
      log.placeAfter(undefined),
      log.placeAfter(undefined),
      log.placeAfter(undefined),
    ];
    readAll(log, behind);
    add(log, [hook(1), hook(2)]);
    const last = readAll(log, upToDate).at(-1);
    log.breakOff();
    return { log, upToDate, behind, unread, lastId: last?.id };
  }

  const next = () => emptyView({ threadId: THREAD, epoch: 'next' });

  test('hands out what is held and no more, and shows who comes what was known', async () => {
    const { log, upToDate, behind, unread, lastId } = brokenLog();
    const waiting = log.wait(upToDate);
    add(log, [hook(3)]);
    log.awaitBeginning();
    add(log, [hook(4)]);
    expect(readAll(log, behind).map(shown)).toEqual(['hook/1', 'hook/2']);
    expect(readAll(log, unread).map(shown)).toEqual(['view']);
    expect(readAll(log, log.placeAfter(lastId))).toEqual([]);
    expect(await outcomeOf(waiting)).toBe('pending');
  });

  test('tells all who have read anything of a gap when it begins again, and those who have not nothing of it', async () => {
    const { log, upToDate, behind, unread, lastId } = brokenLog();
    const waiting = log.wait(upToDate);
    log.awaitBeginning();
    add(log, [state('new')]);
    log.begin(next());
    expect(await waiting).toMatchObject({ gap: { missed: null } });
    const [view] = readAll(log, upToDate);
    expect(view?.snapshot).toEqual(applyMessage(next(), state('new')));
    expect(readAll(log, behind).map(shown)).toEqual(['gap null', 'view']);
    expect(readAll(log, unread).map(shown)).toEqual(['view']);
    expect(readAll(log, log.placeAfter(lastId)).map(shown)).toEqual(['gap null', 'view']);
    add(log, [hook(3)]);
    expect(readAll(log, upToDate).map(shown)).toEqual(['hook/3']);
    expect(view?.id).toMatch(/^next\./);
  });

  test('and off again before it began, tells of one gap', () => {
    const { log, upToDate } = brokenLog();
    log.awaitBeginning();
    log.breakOff();
    log.awaitBeginning();
    log.begin(next());
    expect(readAll(log, upToDate).map(shown)).toEqual(['gap null', 'view']);
  });

  test('tells those who wait why it cannot begin again, and asks to be begun by the next who do', async () => {
    const { log, upToDate, lastId } = brokenLog();
    const waiting = log.wait(upToDate);
    log.awaitBeginning();
    const refusal = new Error('no such thread');
    log.refuse(refusal);
    await expect(waiting).rejects.toBe(refusal);
    expect(log.needsBeginning).toBe(true);
    const again = log.wait(log.placeAfter(lastId));
    log.begin(next());
    expect(await again).toMatchObject({ gap: { missed: null } });
    expect(log.needsBeginning).toBe(false);
  });

  test('ends as any other', async () => {
    const { log, behind, upToDate } = brokenLog();
    log.end(undefined);
    expect(readAll(log, behind).map(shown)).toEqual(['hook/1', 'hook/2']);
    expect(await log.wait(upToDate)).toBeUndefined();
    expect(log.needsBeginning).toBe(false);
  });
});

describe('the beginning of a log', () => {
  test('has what came while it was asked for, and readers wait for it', async () => {
    const log = new EntryLog(1_000_000);
    const place = log.placeAfter(undefined);
    const waiting = log.wait(place);
    log.awaitBeginning();
    add(log, deltas(1, 3));
    expect(await outcomeOf(waiting)).toBe('pending');
    log.begin(empty());
    const { snapshot } = (await waiting) as ThreadEntry;
    expect(snapshot).toEqual(deltas(1, 3).reduce<ThreadView>(applyMessage, empty()));
    add(log, [delta(4)]);
    expect(readAll(log, place).map(shown)).toEqual(['4']);
  });

  test('that could not be read is told to those who wait, and to nobody who reads', async () => {
    const log = new EntryLog(1_000_000);
    const waiting = log.wait(log.placeAfter(undefined));
    const refusal = new Error('no such thread');
    log.refuse(refusal);
    await expect(waiting).rejects.toBe(refusal);
    log.begin(empty());
    const place = log.placeAfter(undefined);
    readAll(log, place);
    const next = log.wait(place);
    log.refuse(refusal);
    add(log, [delta(1)]);
    expect(shown((await next) as ThreadEntry)).toBe('1');
  });

  test('can come again: readers get the new state, with a gap only where messages are missing', async () => {
    const log = startLog();
    const [upToDate, behind] = [log.placeAfter(undefined), log.placeAfter(undefined)];
    readAll(log, behind);
    add(log, [hook(1), hook(2)]);
    readAll(log, upToDate);
    const next = log.wait(upToDate);
    log.awaitBeginning();
    add(log, [state('kept')]);
    expect(shown((await next) as ThreadEntry)).toBe('kept');
    log.begin(empty());
    expect(readAll(log, upToDate).map(shown)).toEqual(['view']);
    const [gap, view] = readAll(log, behind);
    expect(gap?.gap).toEqual({ missed: 3 });
    expect(view?.snapshot).toEqual(applyMessage(empty(), state('kept')));
  });

  test('has all of that also where next to nothing is kept, but no more than 8 MiB', () => {
    const log = new EntryLog(1);
    log.awaitBeginning();
    add(log, deltas(1, 9));
    expect(log.bytes).toBe(9 * COST);
    log.add(delta(10), 2 * 1024 * 1024);
    log.add(delta(11), 1024 * 1024);
    expect(log.bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    log.begin(empty());
    expect(log.bytes).toBe(0);
    const { snapshot } = log.entryAfter(log.placeAfter(undefined)) as ThreadEntry;
    expect(snapshot?.turns[0]?.items).toMatchObject([{ text: '1234567891011' }]);
  });

  test('begins later when more than that comes', () => {
    const log = new EntryLog(1);
    log.awaitBeginning();
    for (const message of deltas(1, 3)) log.add(message, 2 * 1024 * 1024);
    log.begin(empty());
    const { snapshot } = log.entryAfter(log.placeAfter(undefined)) as ThreadEntry;
    expect(snapshot?.turns[0]?.items).toMatchObject([{ text: '3', state: 'partial' }]);
  });
});

test('a message that lacks what its method promises changes nothing, and is handed on', () => {
  const log = startLog();
  const place = log.placeAfter(undefined);
  readAll(log, place);
  const broken = { kind: 'notification', method: 'thread/settings/updated', params: { threadId: THREAD } };
  add(log, [broken as ServerMessage, delta(1)]);
  expect(readAll(log, place)).toMatchObject([{ message: broken }, { message: delta(1) }]);
});

test('a log that is closed holds nothing, and its readers end', async () => {
  const log = startLog();
  const place = log.placeAfter(undefined);
  readAll(log, place);
  const waiting = log.wait(place);
  log.close();
  expect(await waiting).toBeUndefined();
  add(log, [delta(1)]);
  expect(log.bytes).toBe(0);
  expect(await log.wait(log.placeAfter(undefined))).toBeUndefined();
});

test('what is kept takes no more memory than it may, however many readers lag', async () => {
  const keepBytes = 4 * 1024 * 1024;
  const line = JSON.stringify({ ...delta(1), method: 'hook/of/tomorrow', emittedAtMs: 1_764_000_000_000 });
  const log = new EntryLog(keepBytes);
  log.begin(empty());
  const places = Array.from({ length: 1_000 }, () => log.placeAfter(undefined));
  for (const place of places) log.entryAfter(place);
  const before = await bytesInUse();
  for (let n = 0; n < 50_000; n += 1) log.add(JSON.parse(line), line.length);
  expect((await bytesInUse()) - before).toBeLessThan(1.1 * keepBytes);
  expect(log.bytes).toBeGreaterThan(0.9 * keepBytes);
  expect(readAll(log, places[0] as Place).map(shown)).toEqual(['gap 50000', 'view']);
});
