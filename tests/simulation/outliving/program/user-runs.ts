/** What users do with runs: begin them, with and without a key, read them in every way, and leave them. */
import { InvalidArgumentError, type ServerMessage, type TurnRunOptions } from 'codex-async-client';
import type { ThreadView } from 'codex-async-client/view';
import { Reading } from '../../program/reading.js';
import { ABORTED } from '../../program/run-steps.js';
import { requestsOf } from './user-answers.js';
import { PLAIN_THREADS, SHARED_THREADS, SPENDING_THREAD } from './user-steps.js';
import type { RunMode, UserRun, Users } from './users.js';

const KINDS = {
  keyed: 5,
  unkeyed: 3,
  'same key': 1.5,
  'other input': 0.3,
  started: 1,
  plain: 2,
  adopted: 0.6,
};
const MODES: Readonly<Record<RunMode, number>> = { result: 3, loop: 2, text: 1, snapshots: 1 };

/** Begins a run of any kind. */
export function startRun(users: Users): void {
  const kind = users.random.weighted(KINDS);
  users.tally.count('outliving run', kind);
  const label = `job ${users.runs.length}`;
  if (kind === 'plain') runByHand(users);
  else if (kind === 'adopted') adopt(users);
  else if (kind === 'keyed') begin(users, label, anyThread(users), `key ${users.runs.length}`);
  else if (kind === 'unkeyed') begin(users, label, anyThread(users), undefined);
  else if (kind === 'started') beginWithThread(users, label);
  else again(users, kind === 'other input');
}

/** Asks for the result, once. */
export function askResult(users: Users, run: UserRun): void {
  run.result ??= users.watch('run', `the result of ${run.label}`, run.run.result());
}

export function leaveRun(users: Users, run: UserRun | undefined): void {
  if (run === undefined || run.isLeft) return;
  run.isLeft = true;
  users.note(`leaves ${run.label}`);
  users.watch('leave', `leaving ${run.label}`, run.reading?.leave() ?? run.run.return());
}

export function abortRun(users: Users, run: UserRun | undefined): void {
  if (run === undefined || run.isLeft) return;
  run.isLeft = true;
  users.note(`aborts ${run.label}`);
  run.controller.abort(ABORTED);
}

export function interruptRun(users: Users, run: UserRun | undefined): void {
  if (run === undefined) return;
  users.note(`interrupts ${run.label}`);
  users.watch('control', `interrupt of ${run.label}`, run.run.interrupt());
}

function anyThread({ random }: Users): string {
  return random.chance(0.12) ? SPENDING_THREAD : random.pick(SHARED_THREADS);
}

function again(users: Users, isChanged: boolean): void {
  const first = users.random.pick(users.runs.filter(({ key }) => key !== undefined));
  if (first?.threadId === undefined) return;
  const label = isChanged && !first.label.endsWith('changed') ? `${first.label} changed` : first.label;
  try {
    begin(users, label, first.threadId, first.key);
  } catch (error) {
    // The first one is on its way.
    if (!(error instanceof InvalidArgumentError)) throw error;
    users.refused.push(label);
    users.tally.count('outliving error', error.name);
  }
}

function begin(users: Users, label: string, threadId: string, key: string | undefined): void {
  const { options, controller } = runOptions(users);
  users.note(`turnRun on ${threadId}`, { label, key });
  const run = users.supervisor.turnRun(
    { threadId, input: label },
    { ...options, ...(key === undefined ? {} : { idempotencyKey: key }) },
  );
  follow(users, { run, label, key, threadId, controller });
}

function beginWithThread(users: Users, label: string): void {
  const { options, controller } = runOptions(users);
  users.note('threadRun', { label });
  const run = users.supervisor.threadRun({ turn: { input: label } }, options);
  follow(users, { run, label, key: undefined, threadId: undefined, controller });
}

function follow(
  users: Users,
  begun: Pick<UserRun, 'run' | 'label' | 'key' | 'threadId' | 'controller'>,
): void {
  const mode = users.random.weighted(MODES);
  users.tally.count('outliving reader', mode);
  const reading = mode === 'result' ? undefined : readingOf(users, begun.run, mode, begun.label);
  const run: UserRun = {
    ...begun,
    mode,
    reading: reading as Reading<never> | undefined,
    result: undefined,
    isLeft: false,
  };
  users.runs.push(run);
  if (mode === 'result') askResult(users, run);
}

function runOptions({ random }: Users) {
  const controller = new AbortController();
  const timeoutMs = random.chance(0.06) ? random.pick([50, 2_000] as const) : undefined;
  const options: TurnRunOptions = {
    signal: controller.signal,
    detach: random.chance(0.1),
    idleTimeoutMs: random.pick([undefined, 900, 5_000] as const),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  return { options, controller };
}

function readingOf(users: Users, run: UserRun['run'], mode: Exclude<RunMode, 'result'>, label: string) {
  const microtasks = users.random.chance(0.5) ? 0 : users.random.between(1, 6);
  const pace = { microtasks, leaveAfter: undefined };
  const stream = mode === 'loop' ? run : mode === 'text' ? run.text() : run.snapshots();
  const got = (value: unknown) => {
    if (mode === 'loop') users.noteHanded(value as ServerMessage);
    else if (mode === 'snapshots') users.handed.push(...requestsOf(value as ThreadView));
    return undefined;
  };
  const reading = new Reading<unknown>(mode === 'loop' ? 'run' : mode, label, stream as never, pace, got);
  users.watch('endless', `the ${mode} of ${label}`, reading.run());
  return reading;
}

/** Resumes a thread and runs a turn with the client of the moment, which both end with. */
function runByHand(users: Users): void {
  const threadId = users.random.pick(PLAIN_THREADS);
  const label = `by hand ${users.byHand}`;
  users.byHand += 1;
  const run = async () => {
    const client = await users.supervisor.client();
    await client.threadResume({ threadId });
    return client.turnRun({ threadId, input: label }).result();
  };
  users.watch('run', label, run());
}

/** Adopts a turn that runs. */
function adopt(users: Users): void {
  const { process } = users.world;
  const running = PLAIN_THREADS.flatMap((id) => process?.turns.running.get(id)?.kept ?? []);
  const turn = users.random.pick(running);
  if (turn === undefined) return;
  const { threadId, id: turnId } = turn;
  const adopted = async () => {
    const client = await users.supervisor.client();
    await client.threadResume({ threadId });
    return client.turn({ threadId, turnId }).result();
  };
  users.watch('run', `the adopted ${turnId}`, adopted());
}
