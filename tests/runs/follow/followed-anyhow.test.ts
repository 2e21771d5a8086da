/**
 * A thread is followed at any moment, by several logs at a time, while its server is slow, refuses, takes turns back or goes,
 * while pages come and go, and while somebody answers: every page comes to show what the server has.
 */
import type { ServerMessage, ThreadEntries, ThreadEntry, ThreadLog } from 'codex-async-client';
import { applyMessage, type ThreadView } from 'codex-async-client/view';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ThreadItem, Turn } from '../../../src/protocol/generated.js';
import { followSupervised } from '../../../src/supervisor/supervised-log.js';
import { ResumeWouldSpendError } from '../../../src/support/thread-errors.js';
import { wire } from '../../helpers/messages.js';
import { type PipedServer, type ReceivedMessage, readyServer, turn } from '../../helpers/piped-server.js';
import { FakeLives } from '../../supervisor/fake-lives.js';
import { thread } from '../../view/threads.js';
import { THREAD, toldThread } from './told-threads.js';

/** Each of them starts a client. */
const RUNS = Number(process.env['INTERLEAVING_RUNS'] ?? 600) / 4;

/** What the server keeps of the thread: the items that were completed, and what waits for an answer. */
class Kept {
  readonly #turns = new Map<string, { turn: Turn; readonly items: Map<string, ThreadItem> }>();
  readonly asked = new Map<number, ServerMessage>();

  get turns(): Turn[] {
    const all = [...this.#turns.values()];
    return all.map((kept) => ({ ...kept.turn, itemsView: 'full', items: [...kept.items.values()] }));
  }

  note(message: ServerMessage): void {
    if (message.kind === 'request') this.asked.set(Number(message.id), message);
    else if (message.method === 'turn/started')
      this.#turns.set(message.params.turn.id, { turn: message.params.turn, items: new Map() });
    else if (message.method === 'item/completed')
      this.#turns.get(message.params.turnId)?.items.set(message.params.item.id, message.params.item);
    else if (message.method === 'turn/completed') this.#ended(message.params.turn);
  }

  /** Takes the last turn back when it is over. */
  revert(): boolean {
    const last = this.turns.at(-1);
    return last !== undefined && last.status !== 'inProgress' && this.#turns.delete(last.id);
  }

  /** A turn runs, or something is asked. */
  get isBusy(): boolean {
    return this.asked.size > 0 || this.turns.at(-1)?.status === 'inProgress';
  }

  /** The server goes: of the turn that ran nothing more comes. Gives back which one that was. */
  interrupt(): string | undefined {
    this.asked.clear();
    const last = [...this.#turns.values()].at(-1);
    if (last?.turn.status !== 'inProgress') return undefined;
    last.turn = { ...last.turn, status: 'interrupted' };
    return last.turn.id;
  }

  #ended(ended: Turn): void {
    const known = this.#turns.get(ended.id);
    if (known !== undefined) known.turn = ended;
    this.asked.clear();
  }
}

/** A page, and what is wrong with what it was told. */
class Tab {
  view: ThreadView | undefined;
  readonly wrong: string[] = [];
  isOver = false;
  readonly log: ThreadLog;
  #lastId: string | undefined;
  #place = 0;
  /** What the ids since the last break have alike. */
  #time: string | undefined;
  #toldOfGap = false;
  #abort = new AbortController();
  #entries: ThreadEntries;

  constructor(log: ThreadLog) {
    this.log = log;
    this.#entries = log.read({ signal: this.#abort.signal });
  }

  async reconnect(isAborted: boolean): Promise<void> {
    if (isAborted) this.#abort.abort();
    else await this.#entries.return();
    this.#abort = new AbortController();
    this.isOver = false;
    this.#entries = this.log.read({ after: this.#lastId, signal: this.#abort.signal });
  }

  /** A read that finds nothing waits on; one beside it gets an error, and changes nothing. */
  async read(): Promise<void> {
    const entries = this.#entries;
    try {
      const { value } = await entries.next();
      // What comes over a connection that is gone reaches no page.
      if (entries !== this.#entries) return;
      if (value === undefined) this.isOver = true;
      else this.#show(value);
    } catch (error) {
      this.isOver ||= entries === this.#entries && Object(error).code !== 'CODEX_CONCURRENT_READ';
    }
  }

  #show({ id, message, snapshot, gap }: ThreadEntry): void {
    this.#lastId = id;
    if (gap !== undefined) {
      if (gap.missed !== null && gap.missed < 1) this.wrong.push(`a gap of ${gap.missed}`);
      this.#toldOfGap = true;
      return;
    }
    const time = id.replace(/[^.]*$/, '');
    if (this.#time !== undefined && this.#time !== time && !this.#toldOfGap)
      this.wrong.push(`nothing was said of what is missing before ${id}`);
    this.#time = time;
    if (message !== undefined && this.#toldOfGap) this.wrong.push('a message behind a gap');
    this.#toldOfGap = false;
    const place = Number(id.split('.').at(-1));
    // A snapshot again at the same place is what one gets who comes back with the id of a gap.
    if (place < this.#place || (place === this.#place && snapshot === undefined))
      this.wrong.push(`${place} behind ${this.#place}`);
    this.#place = place;
    if (snapshot !== undefined) this.view = snapshot;
    else if (this.view !== undefined) this.view = applyMessage(this.view, message);
    else this.wrong.push('a message before a snapshot');
  }
}

const KEEP_BYTES = [1, 500, 3_000, 8 * 1024 * 1024];
const NAMES = [
  'send',
  'follow',
  'tell',
  'refuse',
  'open',
  'read',
  'reconnect',
  'answer',
  'revert',
  'close',
  'unload',
  'resume',
  'crash',
];
const steps = fc.array(fc.record({ does: fc.constantFrom('send', 'tell', 'read', ...NAMES), n: fc.nat(9) }), {
  maxLength: 40,
});

const STATUS = 'thread/status/changed';

/** A thread on a server, its logs and their pages; of a supervisor on one server after another. */
class Program {
  readonly kept = new Kept();
  readonly tabs: Tab[] = [];
  server: PipedServer;
  readonly #lives: FakeLives | undefined;
  readonly #logs: ThreadLog[] = [];
  readonly #closed = new Set<ThreadLog>();
  readonly #answered = new Set<ReceivedMessage>();
  #rest: ServerMessage[];
  /** This client has not got the thread, and is told nothing of what others do there. */
  #isUnloaded = false;
  readonly #acts: Readonly<Record<string, (n: number) => unknown>> = {
    send: (n) => this.#send(n),
    follow: (n) => this.#follow(n),
    tell: () => this.#tell(),
    refuse: (n) => this.#answerRead({ error: { code: n % 2 === 0 ? -32600 : -32603, message: 'no' } }),
    open: (n) => this.#openOn(pick(this.#logs, n)),
    read: (n) => this.#read(pick(this.tabs, n), n),
    reconnect: (n) => pick(this.tabs, n)?.reconnect(n % 2 === 0),
    answer: () => this.#answer(),
    revert: () => {
      if (this.kept.revert() && !this.#isUnloaded) this.#notify('thread/reverted', {});
    },
    unload: (n) => this.#unload(n),
    resume: () => this.resume(),
    crash: (n) => n > 6 && this.#crash(n),
    close: (n) => n > 6 && this.#close(pick(this.#logs, n)),
  };

  private constructor(server: PipedServer, lives: FakeLives | undefined, messages: readonly ServerMessage[]) {
    this.server = server;
    this.#lives = lives;
    this.#rest = [...messages];
  }

  static async start(isSupervised: boolean, messages: readonly ServerMessage[]): Promise<Program> {
    if (!isSupervised) return new Program(await readyServer(), undefined, messages);
    const lives = new FakeLives();
    let program: Program | undefined;
    const { server } = await lives.begin(async () => program?.resume());
    program = new Program(server, lives, messages);
    return program;
  }

  /** Pages whose log is open. */
  get shown(): Tab[] {
    return this.tabs.filter(({ log }) => !this.#closed.has(log));
  }

  async act({ does, n }: { readonly does: string; readonly n: number }): Promise<void> {
    await this.#acts[does]?.(n);
    if (n % 3 === 0) await turn();
  }

  /** All is said, every question is answered, and who was refused asks again. */
  async settle(): Promise<void> {
    this.resume();
    this.#send(this.#rest.length);
    for (const log of this.#logs) this.#openOn(log);
    for (let answered = 0; answered < 2; ) {
      for (const tab of this.tabs) {
        await tab.reconnect(false);
        await this.#read(tab, 0);
      }
      await this.server.quiet();
      answered = this.#tell() ? 0 : answered + 1;
      await this.server.quiet();
    }
  }

  /** The server goes, or the client is shut down, and no other comes. */
  async end(goes: boolean): Promise<void> {
    if (goes) this.server.end();
    else await this.server.client.shutdown();
    const { error } = await this.server.client.closed;
    this.#lives?.end(error ?? new Error('shut down'), !goes);
  }

  #send(count: number): void {
    const messages = this.#rest.splice(0, count);
    for (const message of messages) this.kept.note(message);
    if (!this.#isUnloaded) this.server.send(...messages.map(wire));
  }

  #unload(n: number): void {
    if (this.#isUnloaded || this.kept.isBusy) return;
    this.#isUnloaded = true;
    if (n % 2 === 0) this.#notify('thread/closed', {});
    else this.#notify(STATUS, { status: { type: 'notLoaded' } });
  }

  resume(): void {
    if (!this.#isUnloaded) return;
    this.#isUnloaded = false;
    this.#notify(STATUS, { status: { type: 'idle' } });
    this.#notify('thread/tokenUsage/updated', { turnId: 'turn 0', tokenUsage: {} });
    this.server.send(...[...this.kept.asked.values()].map(wire));
  }

  async #crash(n: number): Promise<void> {
    if (this.#lives === undefined) return;
    this.server.end();
    await this.server.client.closed;
    const turnId = this.kept.interrupt();
    this.#rest = this.#rest.filter(({ params }) => Object(params).turnId !== turnId || turnId === undefined);
    this.#rest = this.#rest.filter(
      ({ params }) => Object(params).turn?.id !== turnId || turnId === undefined,
    );
    this.#isUnloaded = true;
    const readied = async () => {
      await turn();
      this.resume();
    };
    const { server } = await this.#lives.begin(n === 9 ? wouldSpend : readied);
    this.server = server;
  }

  #notify(method: string, params: object): void {
    this.server.send({ method, params: { threadId: THREAD, ...params } });
  }

  #follow(n: number): void {
    const options = { keepBytes: KEEP_BYTES[n % 4], answers: n > 4 };
    if (this.#logs.length === 3) return;
    if (this.#lives !== undefined) this.#logs.push(followSupervised(this.#lives, THREAD, options));
    else this.#logs.push(this.server.client.thread(THREAD).follow(options));
  }

  #tell(): boolean {
    const status = { type: this.#isUnloaded ? ('notLoaded' as const) : ('idle' as const) };
    return this.#answerRead({ result: { thread: thread({ turns: this.kept.turns, status }) } });
  }

  #answerRead(answer: object): boolean {
    const isOpen = (message: ReceivedMessage) =>
      message.method === 'thread/read' && !this.#answered.has(message);
    const question = this.server.received.find(isOpen);
    if (question === undefined) return false;
    this.#answered.add(question);
    this.server.send({ id: question.id, ...answer });
    return true;
  }

  #openOn(log: ThreadLog | undefined): void {
    if (log !== undefined) this.tabs.push(new Tab(log));
  }

  async #read(tab: Tab | undefined, n: number): Promise<void> {
    for (let reads = 0; reads <= n; reads += 1) await Promise.race([tab?.read(), turn()]);
  }

  async #answer(): Promise<void> {
    const [requestId] = this.kept.asked.keys();
    if (requestId === undefined) return;
    const isTaken = this.server.client.respondById(requestId, {}).then(
      () => true,
      () => false,
    );
    if (!(await isTaken)) return;
    this.kept.asked.delete(requestId);
    this.#notify('serverRequest/resolved', { requestId });
  }

  #close(log: ThreadLog | undefined): void {
    if (log === undefined) return;
    log.close();
    this.#closed.add(log);
  }
}

function pick<T>(all: readonly T[], n: number): T | undefined {
  return all[n % Math.max(1, all.length)];
}

function wouldSpend(threadId: string): Promise<never> {
  return Promise.reject(new ResumeWouldSpendError('it has a goal', { threadId, goal: null, queued: [] }));
}

/** A page has what the server has, and what the server does not keep besides. */
function checkShown(view: ThreadView | undefined, kept: Kept): void {
  expect(view?.isStale).toBe(false);
  expect(view?.turns.map(({ id, status }) => [id, status])).toEqual(
    kept.turns.map(({ id, status }) => [id, status]),
  );
  kept.turns.forEach(({ items }, at) => {
    for (const item of items)
      expect(view?.turns[at]?.items.filter(({ id }) => id === item.id)).toMatchObject([item]);
  });
  expect(new Set(view?.requests.map(({ id }) => id))).toEqual(new Set(kept.asked.keys()));
}

test('L25 a thread that is followed anyhow is shown as it is, on every page', async () => {
  const property = fc.asyncProperty(
    toldThread,
    fc.nat(9),
    steps,
    fc.boolean(),
    fc.boolean(),
    async (messages, keep, script, goes, isSupervised) => {
      const program = await Program.start(isSupervised, messages);
      for (const step of [{ does: 'follow', n: keep }, ...script]) await program.act(step);
      await program.settle();
      await program.end(goes);
      for (const tab of program.tabs) {
        for (let reads = 0; reads < 100 && !tab.isOver; reads += 1) await tab.read();
        expect([tab.isOver, tab.wrong]).toEqual([true, []]);
      }
      for (const { view, log } of program.shown) {
        checkShown(view, program.kept);
        expect(view).toEqual(program.shown.findLast((other) => other.log === log)?.view);
      }
      expect(program.server.client.stats().taps.open).toBe(0);
    },
  );
  await fc.assert(property, { numRuns: RUNS });
});
