/**
 * One point over a tape: a program that was recorded against the real server, the tape of it, and faults that chance chooses. The
 * program comes to its outcome, or is told why not; it never waits in vain, and nothing is left.
 */
import { isDeepStrictEqual } from 'node:util';
import { AsyncClient } from 'codex-async-client';
import { type FaultPlan, replayTape, type Tape, type TapeFault } from 'codex-async-client/testing';
import { applyMessage, emptyView } from 'codex-async-client/view';
import { optionsOf, runFlow } from '../tapes/flow.js';
import { CWD } from '../tapes/places.js';
import { type TapedFlow, tapedFlows } from '../tapes/tapes.js';
import type { PointOptions, PointOutcome } from './point.js';
import { Promises } from './world/promises.js';
import { Random } from './world/random.js';
import { Tally } from './world/tally.js';
import { Transcript } from './world/transcript.js';
import { VirtualClock } from './world/virtual-clock.js';

/** Every limit of every option and replay fits in, one after the other. */
const ALL_MS = 3_600_000;

/** What may go wrong without the program noticing. */
const HARMLESS: ReadonlySet<TapeFault['fault']> = new Set(['split', 'floodStderr']);

/** What may leave a program without an answer, from a server that lives. */
const MUTE: ReadonlySet<TapeFault['fault']> = new Set(['stopReading', 'dropAnswer']);

let known: readonly TapedFlow[] | undefined;

/** Runs one point over a tape. The clocks of the process are the point's until it is over: one at a time. */
export async function runTapePoint(seed: number, options: PointOptions = {}): Promise<PointOutcome> {
  known ??= tapedFlows();
  const { tally = new Tally(), isTold = false, lens = {} } = options;
  const random = new Random(seed);
  const clock = new VirtualClock(random.fork());
  const transcript = new Transcript(isTold);
  const broken: string[] = [];
  const unhandled = (reason: unknown) =>
    broken.push(`L10: nobody was there for the rejection ${String(reason)}`);
  const restore = clock.install();
  process.on('unhandledRejection', unhandled);
  try {
    const taped = known[random.below(known.length)];
    if (taped !== undefined) await play(taped, { random, clock, transcript, tally, seed, lens }, broken);
  } finally {
    process.off('unhandledRejection', unhandled);
    restore();
  }
  return { seed, broken, transcript };
}

/** What a point is played with. */
interface Stage {
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly transcript: Transcript;
  readonly tally: Tally;
  readonly seed: number;
  readonly lens: NonNullable<PointOptions['lens']>;
}

async function play({ name, flow, tape }: TapedFlow, stage: Stage, broken: string[]): Promise<void> {
  const { random, clock, transcript, tally, seed, lens } = stage;
  const faults = anyPlan(random, tape);
  for (const { fault } of faults) tally.count('tape fault', fault);
  transcript.note('fault', name, faults);
  const highWaterMark = random.chance(0.5) ? 1_024 : random.between(1, 6);
  const replay = replayTape(tape, { faults, seed });
  const client = AsyncClient.attach(replay, { ...optionsOf(flow), buffer: { highWaterMark } });
  const promises = new Promises(({ what, state, value }) =>
    transcript.note('program', `${what}: ${state}`, textOf(value)),
  );
  const stageOfFlow = { cwd: CWD, script: () => {}, when: () => {}, outside: async () => {} };
  const ran = runFlow(flow, client, stageOfFlow);
  const program = promises.watch('run', flow.title, lens.promise?.('run', ran) ?? ran);
  promises.watch('endless', 'the wire', listen(client, transcript));
  promises.watch('endless', 'the views', fold(client));
  promises.watch('lifetime', 'closed', client.closed);
  const report = promises.watch('lifetime', 'the replay', replay.finished);
  await runOut(clock);
  // A program without a time limit waits for a server that lives and says nothing, until somebody ends it.
  if (faults.some(({ fault }) => MUTE.has(fault))) promises.watch('lifetime', 'shutdown', client.shutdown());
  await runOut(clock);

  for (const { what } of promises.pending)
    broken.push(`L10: "${what}" is pending although nothing is under way (${name})`);
  if (client.state !== 'closed') broken.push(`L9: the client is ${client.state} and not closed (${name})`);
  if (clock.timers > 0) broken.push(`L10: ${clock.timers} timers are left (${name})`);
  if (faults.some(({ fault }) => !HARMLESS.has(fault))) return;
  if (!isDeepStrictEqual(program.value, flow.outcome))
    broken.push(
      `L23: ${name} came to ${textOf(program.value)}, and the replay to ${JSON.stringify(report.value)}`,
    );
}

async function runOut(clock: VirtualClock): Promise<void> {
  do await clock.quiet();
  while (await clock.advance(ALL_MS));
}

/** None to three things that go wrong, each in any place of the tape. */
function anyPlan(random: Random, tape: Tape): FaultPlan {
  const faults: TapeFault[] = [];
  const count = random.below(4);
  for (let made = 0; made < count; made += 1) {
    const fault = anyFault(random, tape);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

/** What goes wrong, and how often. */
export const TAPE_FAULTS = {
  crash: 3,
  endStdout: 2,
  split: 4,
  delay: 3,
  duplicate: 2,
  dropAnswer: 2,
  overload: 2,
  floodStderr: 1,
  stopReading: 2,
} as const satisfies Readonly<Record<TapeFault['fault'], number>>;

function anyFault(random: Random, { lines }: Tape): TapeFault | undefined {
  const fault = random.weighted(TAPE_FAULTS);
  const lineOf = (fits: (kind: string, message: object) => boolean) =>
    random.pick(lines.filter((line) => line.kind !== 'missed' && fits(line.kind, line.message)))?.line;
  if (fault === 'split') return { fault, bytes: random.pick([1, 7, 61, 4_093] as const) };
  const afterLine = lineOf(() => true) ?? 1;
  if (fault === 'crash' || fault === 'endStdout' || fault === 'stopReading') return { fault, afterLine };
  if (fault === 'floodStderr') return { fault, afterLine, bytes: random.between(1, 100_000) };
  if (fault === 'overload') {
    const line = lineOf((kind, message) => kind === 'sent' && 'method' in message && 'id' in message);
    return line === undefined ? undefined : { fault, line, times: random.between(1, 4) };
  }
  if (fault === 'dropAnswer') {
    const line = lineOf((kind, message) => kind === 'received' && !('method' in message));
    return line === undefined ? undefined : { fault, line };
  }
  const line = lineOf((kind) => kind === 'received');
  if (line === undefined) return undefined;
  return fault === 'delay' ? { fault, line, ms: random.between(1, 90_000) } : { fault, line };
}

/** Every line goes into the transcript; a server that goes is no failure of who listens. */
async function listen(client: AsyncClient, transcript: Transcript): Promise<void> {
  try {
    for await (const frame of client.wire())
      if (frame.kind === 'frame')
        transcript.note(frame.direction === 'sent' ? 'client' : 'server', frame.text);
  } catch {
    // That is told to the program.
  }
}

/** Every message goes into a view, which never throws. */
async function fold(client: AsyncClient): Promise<void> {
  const tap = client.tap();
  let view = emptyView();
  for (;;) {
    const next = await tap.next().catch(() => undefined);
    if (next === undefined || next.done === true) return;
    if (next.value.kind !== 'gap') view = applyMessage(view, next.value);
  }
}

function textOf(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : (JSON.stringify(value) ?? 'nothing');
}
