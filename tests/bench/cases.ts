/**
 * What is measured, as data: two sides that do the same work, how much of it, and the bar their figures are held
 * to. Rates are compared when both sides have run for a while, because a rate is what a program that runs has;
 * cold starts are measured beside them, for information. Which of the two figures is the numerator depends on the
 * kind, so that a rate reads "at least" and a time "at most".
 */

/** How the figures of two sides become the one number that is compared with the bar. */
export type Kind =
  /** The client's rate as a part of the yardstick's: more is better. */
  | 'rate'
  /** The client's time as a multiple of the yardstick's: less is better. */
  | 'time'
  /** Peak memory above the yardstick's, in MB: less is better. */
  | 'memory'
  /** The part of the calls that settled: all of them, or it is a bug. */
  | 'settled';

/** One program of `sides/`: the module and the function that it exports. */
export interface Side {
  readonly module: string;
  readonly name: string;
  /** What it stands for, in the table. */
  readonly label: string;
}

/** One comparison. */
export interface BenchCase {
  readonly title: string;
  /** Its name in README and in the picture, which have those alone that have one. */
  readonly headline?: string;
  readonly kind: Kind;
  /** Absent: the figure is for information. */
  readonly bar?: number;
  readonly client: Side;
  /** Absent: the client's own figure is the whole result. */
  readonly yardstick?: Side;
  /** How much work; the real codex's path and home are added. */
  readonly amount: Readonly<Record<string, number>>;
  /** The amount of a `--quick` run. */
  readonly quickAmount: Readonly<Record<string, number>>;
  readonly rounds: number;
}

const MIB = 1024 * 1024;

const side = (module: string, name: string, label: string): Side => ({ module, name, label });

/** Every comparison, in the order of the table. */
export const CASES: readonly BenchCase[] = [
  {
    title: '500,000 deltas through `for await (const msg of client.events())`',
    headline: '500,000 deltas through `for await`',
    kind: 'rate',
    bar: 0.9,
    client: side('events', 'client', 'client.events()'),
    yardstick: side('events', 'bare', 'bare loop'),
    amount: { count: 500_000, warmUp: 100_000 },
    quickAmount: { count: 100_000, warmUp: 20_000 },
    rounds: 11,
  },
  {
    title: 'the same, cold: from the first message on',
    kind: 'rate',
    client: side('events', 'client', 'client.events()'),
    yardstick: side('events', 'bare', 'bare loop'),
    amount: { count: 500_000, warmUp: 0 },
    quickAmount: { count: 100_000, warmUp: 0 },
    rounds: 7,
  },
  {
    title: '500,000 deltas beside 10,000 taps of other threads',
    kind: 'rate',
    bar: 0.9,
    client: side('taps', 'otherTaps', '10,000 taps'),
    yardstick: side('taps', 'otherTap', 'one tap of another thread'),
    amount: { count: 500_000, warmUp: 100_000 },
    quickAmount: { count: 100_000, warmUp: 20_000 },
    rounds: 7,
  },
  {
    title: 'the same beside one tap of another thread',
    kind: 'rate',
    client: side('taps', 'otherTap', 'one tap of another thread'),
    yardstick: side('taps', 'untapped', 'no tap'),
    amount: { count: 500_000, warmUp: 100_000 },
    quickAmount: { count: 100_000, warmUp: 20_000 },
    rounds: 7,
  },
  {
    title: 'the same beside one tap that reads every message',
    kind: 'rate',
    client: side('taps', 'readTap', 'client.tap(), read'),
    yardstick: side('taps', 'untapped', 'no tap'),
    amount: { count: 500_000, warmUp: 100_000 },
    quickAmount: { count: 100_000, warmUp: 20_000 },
    rounds: 7,
  },
  {
    title: 'the same beside one tap that reads every line',
    kind: 'rate',
    client: side('taps', 'readLines', 'client.wire(), read'),
    yardstick: side('taps', 'untapped', 'no tap'),
    amount: { count: 500_000, warmUp: 100_000 },
    quickAmount: { count: 100_000, warmUp: 20_000 },
    rounds: 7,
  },
  {
    title: '500,000 deltas while the conversation is recorded as a tape',
    kind: 'time',
    bar: 1.5,
    client: side('recording', 'floodRecorded', 'recordTape()'),
    yardstick: side('recording', 'floodAlone', 'not recorded'),
    amount: { count: 500_000, warmUp: 100_000 },
    quickAmount: { count: 100_000, warmUp: 20_000 },
    rounds: 9,
  },
  {
    title: 'turns on the real codex while the conversation is recorded as a tape',
    kind: 'time',
    bar: 1.1,
    client: side('recording', 'turnsRecorded', 'recordTape()'),
    yardstick: side('recording', 'turnsAlone', 'not recorded'),
    amount: { turns: 60, deltas: 100 },
    quickAmount: { turns: 10, deltas: 100 },
    rounds: 9,
  },
  {
    title: 'requests one after another',
    headline: 'requests one after another',
    kind: 'rate',
    bar: 0.85,
    client: side('requests', 'clientInTurn', 'client.request()'),
    yardstick: side('requests', 'bareInTurn', 'bare client'),
    amount: { count: 20_000, warmUp: 5_000 },
    quickAmount: { count: 2_000, warmUp: 500 },
    rounds: 15,
  },
  {
    title: '5,000 requests at once, scripted server (10 times)',
    kind: 'rate',
    bar: 0.5,
    client: side('requests', 'clientAtOnce', 'client.request()'),
    yardstick: side('requests', 'bareAtOnce', 'bare client without a limit'),
    amount: { count: 5_000, bursts: 10, warmUp: 2 },
    quickAmount: { count: 5_000, bursts: 2, warmUp: 1 },
    rounds: 11,
  },
  {
    title: 'the same, cold: the first 5,000',
    kind: 'rate',
    bar: 0.5,
    client: side('requests', 'clientAtOnce', 'client.request()'),
    yardstick: side('requests', 'bareAtOnce', 'bare client without a limit'),
    amount: { count: 5_000, bursts: 1, warmUp: 0 },
    quickAmount: { count: 5_000, bursts: 1, warmUp: 0 },
    rounds: 11,
  },
  {
    title: 'the same, what a window of 64 costs: two bare clients',
    kind: 'rate',
    client: side('requests', 'bareWindowed', 'bare client, 64 at a time'),
    yardstick: side('requests', 'bareAtOnce', 'bare client without a limit'),
    amount: { count: 5_000, bursts: 10, warmUp: 2 },
    quickAmount: { count: 5_000, bursts: 2, warmUp: 1 },
    rounds: 7,
  },
  {
    title: '20,000 requests at once, real codex',
    headline: '20,000 requests at once, real codex',
    kind: 'time',
    bar: 1.15,
    client: side('real-requests', 'client', 'client.request()'),
    yardstick: side('real-requests', 'bare', 'bare client, 64 at a time'),
    amount: { count: 20_000 },
    quickAmount: { count: 2_000 },
    rounds: 5,
  },
  {
    title: 'one line of 64 MiB',
    headline: 'one line of 64 MiB',
    kind: 'time',
    bar: 1.3,
    client: side('large-line', 'client', 'client.request()'),
    yardstick: side('large-line', 'bare', 'list of chunks, JSON.parse'),
    amount: { bytes: 64 * MIB },
    quickAmount: { bytes: 16 * MIB },
    rounds: 9,
  },
  {
    title: 'start-up, real codex',
    headline: 'start-up, real codex',
    kind: 'time',
    bar: 1.3,
    client: side('start-up', 'client', 'AsyncClient.start()'),
    yardstick: side('start-up', 'bare', 'spawn, initialize'),
    amount: {},
    quickAmount: {},
    rounds: 15,
  },
  {
    title: 'connecting to a running server, real codex',
    kind: 'time',
    bar: 1.3,
    client: side('connect', 'client', 'AsyncClient.connect()'),
    yardstick: side('connect', 'bare', 'ws, initialize'),
    amount: {},
    quickAmount: {},
    rounds: 15,
  },
  {
    title:
      '150,000 deltas over a socket, a reader stuck for 5 s, `coalesce`: the most that is held, real codex',
    kind: 'memory',
    bar: 16,
    client: side('connect', 'stalled', 'client'),
    amount: { count: 150_000, stuckMs: 5_000 },
    quickAmount: { count: 50_000, stuckMs: 1_000 },
    rounds: 3,
  },
  {
    title: 'from SIGKILL of the server to the next answered turn, real codex',
    headline: 'from SIGKILL to the next answered turn, real codex',
    kind: 'time',
    bar: 1.3,
    client: side('survival', 'supervised', 'AsyncClient.supervise()'),
    yardstick: side('survival', 'byHand', 'spawn, initialize, thread/resume by hand'),
    amount: {},
    quickAmount: {},
    rounds: 15,
  },
  {
    title: '60 turns of 10 users, the server killed 3 times, real codex: settled as they should',
    kind: 'settled',
    bar: 1,
    client: side('survival', 'manyUsers', 'AsyncClient.supervise()'),
    amount: { users: 10, turns: 6, kills: 3 },
    quickAmount: { users: 10, turns: 6, kills: 3 },
    rounds: 5,
  },
  {
    title: 'import of the entry point, against execa alone',
    kind: 'time',
    client: side('import-time', 'entryPoint', 'codex-async-client'),
    yardstick: side('import-time', 'execa', 'execa'),
    amount: {},
    quickAmount: {},
    rounds: 15,
  },
  {
    title: 'import of the entry point, against an empty module',
    kind: 'time',
    client: side('import-time', 'entryPoint', 'codex-async-client'),
    yardstick: side('import-time', 'emptyModule', 'empty module'),
    amount: {},
    quickAmount: {},
    rounds: 5,
  },
  {
    title: '1,000,000 deltas, consumer stalled: peak RSS above the idle client',
    headline: '1,000,000 deltas, the reader stalled: memory',
    kind: 'memory',
    bar: 40,
    client: side('stalled-consumer', 'stalled', 'client, stalled'),
    yardstick: side('stalled-consumer', 'idle', 'client, idle'),
    amount: { count: 1_000_000, burst: 10_000 },
    quickAmount: { count: 100_000, burst: 10_000 },
    rounds: 5,
  },
  {
    title: '`turnRun` over `turnStart` and a loop, real codex',
    headline: 'a turn by `turnRun`, real codex',
    kind: 'time',
    bar: 1.1,
    client: side('turn-run', 'realClient', 'client.turnRun()'),
    yardstick: side('turn-run', 'realBare', 'client.turnStart(), client.events()'),
    amount: { turns: 60, deltas: 100 },
    quickAmount: { turns: 10, deltas: 100 },
    rounds: 9,
  },
  {
    title: '`turnRun` over `turnStart` and a loop, flood of a scripted server',
    kind: 'time',
    bar: 1.1,
    client: side('turn-run', 'client', 'client.turnRun()'),
    yardstick: side('turn-run', 'bare', 'client.turnStart(), client.events()'),
    amount: { turns: 1_000, deltas: 500 },
    quickAmount: { turns: 100, deltas: 500 },
    rounds: 7,
  },
  {
    title: '100 tests of one turn on a replay, from start to shutdown: against the real codex',
    kind: 'time',
    bar: 0.1,
    client: side('replay', 'replayed', 'replayTape()'),
    yardstick: side('replay', 'real', 'the real codex'),
    amount: { tests: 100, deltas: 100 },
    quickAmount: { tests: 20, deltas: 100 },
    rounds: 5,
  },
  {
    title: '`request()` inside an `events()` loop under flood: settled',
    kind: 'settled',
    bar: 1,
    client: side('request-in-loop', 'client', 'client'),
    amount: { count: 500_000, every: 5_000, after: 5_000 },
    quickAmount: { count: 100_000, every: 5_000, after: 5_000 },
    rounds: 3,
  },
  {
    title: 'one run floods beside 1,000 other open runs',
    kind: 'rate',
    bar: 0.9,
    client: side('readers', 'runBesideRuns', 'beside 1,000'),
    yardstick: side('readers', 'runAlone', 'alone'),
    amount: { count: 500_000, warmUp: 100_000, others: 1_000 },
    quickAmount: { count: 100_000, warmUp: 20_000, others: 1_000 },
    rounds: 9,
  },
  {
    title: 'one filter is flooded beside 10,000 others',
    headline: 'a filter is flooded beside 10,000 others',
    kind: 'rate',
    bar: 0.9,
    client: side('readers', 'filterBesideFilters', 'beside 10,000'),
    yardstick: side('readers', 'filterAlone', 'alone'),
    amount: { count: 500_000, warmUp: 100_000, others: 10_000 },
    quickAmount: { count: 100_000, warmUp: 20_000, others: 10_000 },
    rounds: 9,
  },
  {
    title: '1,000 runs that all receive in turn, against one run',
    kind: 'rate',
    bar: 0.5,
    client: side('readers', 'runsInTurn', '1,000 runs'),
    yardstick: side('readers', 'runAlone', 'one run'),
    amount: { count: 500_000, warmUp: 100_000, runs: 1_000 },
    quickAmount: { count: 100_000, warmUp: 20_000, runs: 1_000 },
    rounds: 7,
  },
  {
    title: '50 turns of others beside a run whose reader is stuck for 15 s, real codex: median, none fails',
    headline: '50 turns of others beside a stuck reader, real codex',
    kind: 'time',
    bar: 1.2,
    client: side('stuck-reader', 'besideStuckReader', 'beside the stuck one'),
    yardstick: side('stuck-reader', 'alone', 'without it'),
    amount: { turns: 50, stuckMs: 15_000 },
    quickAmount: { turns: 20, stuckMs: 5_000 },
    rounds: 3,
  },
  {
    title:
      '20,000 deltas in 0.2 s, a reader that takes 1 ms for each, `coalesce`: against one that takes no time',
    kind: 'time',
    bar: 1.1,
    client: side('readers', 'slowReader', '1 ms each, merged'),
    yardstick: side('readers', 'promptReader', 'at once'),
    amount: { count: 20_000, pauseMs: 2, readMs: 1 },
    quickAmount: { count: 20_000, pauseMs: 2, readMs: 1 },
    rounds: 9,
  },
  {
    title: '200,000 deltas, a stalled reader with `coalesce`: heap above 1.2 times the text',
    kind: 'memory',
    bar: 5,
    client: side('readers', 'stalledReader', 'client'),
    amount: { count: 200_000 },
    quickAmount: { count: 200_000 },
    rounds: 5,
  },
  {
    title: '1,000 readers of one followed thread: processor time for an entry, against one reader',
    kind: 'time',
    bar: 0.5,
    client: side('followers', 'read', '1,000 readers'),
    yardstick: side('followers', 'readByOne', 'one reader'),
    amount: { count: 500_000, warmUp: 100_000, readers: 1_000 },
    quickAmount: { count: 100_000, warmUp: 100_000, readers: 1_000 },
    rounds: 7,
  },
  {
    title: 'the same, written as server-sent events',
    kind: 'time',
    bar: 0.5,
    client: side('followers', 'write', '1,000 readers'),
    yardstick: side('followers', 'writeForOne', 'one reader'),
    amount: { count: 500_000, warmUp: 100_000, readers: 1_000 },
    quickAmount: { count: 100_000, warmUp: 100_000, readers: 1_000 },
    rounds: 7,
  },
];
