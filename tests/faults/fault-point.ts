/**
 * One fault: a real process that writes given bytes and then ends, or misbehaves, in a given way, under a client with
 * everything going on at once. It runs the point and says everything that is not as it must be, in sentences.
 */

import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import {
  AsyncClient,
  type CloseReason,
  HandshakeError,
  ProtocolError,
  RpcError,
  ServerClosedError,
  StaleRequestError,
} from '../../src/index.js';
import { type Ending, settled } from './tracked.js';
import { type Owed, owedFor, type WireLine } from './transcript.js';
import { Workload } from './workload.js';

const PLAYER = fileURLToPath(new URL('../../fixtures/servers/fault-plays.sh', import.meta.url));

/** More than the pipe takes while the server does not read. */
const STUCK_BYTES = 1 << 20;
/** Servers that heed nothing but signals are not waited for longer than this before each. */
const GRACE_MS = 20;
/** Those that end by themselves may take as long as a busy machine makes them. */
const PATIENT_GRACE_MS = 200_000;

/** A fault point. */
export interface FaultPoint {
  /** What the server writes; a file holds it. */
  readonly file: string;
  readonly written: Buffer;
  /** The server's behaviour after that, as `fault-plays.sh` knows it. */
  readonly how: string;
  /** The client is shut down as soon as the server has written everything. */
  readonly isShutDown: boolean;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** A write is stuck in the pipe when it happens. */
  readonly hasStuckWrite: boolean;
}

/** What also needs the server to read: it can fail although its answer, or its question, was written. */
const WRITES = /^respond|^the stuck write/;

/** What came of a point. */
export interface PointReport {
  readonly pid: number;
  readonly problems: readonly string[];
}

/** Runs a point to its end. */
export async function runPoint(point: FaultPoint): Promise<PointReport> {
  const { file, written, how } = point;
  const client = await AsyncClient.spawn({
    command: ['/bin/sh', PLAYER, file, String(written.length), how],
    shutdownGraceMs: point.signal === null ? PATIENT_GRACE_MS : GRACE_MS,
  });
  const workload = new Workload(client, point.hasStuckWrite ? STUCK_BYTES : 0);
  const pid = client.pid ?? 0;
  if (point.isShutDown) {
    for await (const _ of client.takeStderr() ?? []) break;
    await client.shutdown();
  }
  const reason = await client.closed;
  await settled();
  const owed = owedFor(written);
  const problems = [
    ...endProblems(point, owed, reason),
    ...messageProblems(owed, workload, client),
    ...endingProblems(owed, workload, reason),
    ...(await laterCallProblems(client, reason)),
  ];
  await client.shutdown();
  const where = `${how} after ${written.length} bytes`;
  return { pid, problems: problems.map((problem) => `${where}: ${problem}`) };
}

/** The one error says how the server went and what it said last. */
function endProblems(point: FaultPoint, owed: Owed, reason: CloseReason): string[] {
  const problems: string[] = [];
  const check = (isRight: boolean, problem: string) => isRight || problems.push(problem);
  const { error } = reason;
  check(
    reason.stderrTail.includes(`last words after ${point.written.length} bytes`),
    'the stderr tail is not all of it',
  );
  if (owed.isBroken) {
    check(error instanceof ProtocolError, `expected a ProtocolError, got ${error}`);
    return problems;
  }
  check(reason.exitCode === point.exitCode, `exit code ${reason.exitCode}`);
  check(reason.signal === point.signal, `signal ${reason.signal}`);
  check(reason.expected === point.isShutDown, `expected is ${reason.expected}`);
  if (point.isShutDown) {
    check(error === undefined, `a shutdown has an error: ${error}`);
    return problems;
  }
  if (!(error instanceof ServerClosedError))
    return [...problems, `expected a ServerClosedError, got ${error}`];
  const how = point.signal === null ? `exited with code ${point.exitCode}` : `was ended by ${point.signal}`;
  check(error.message.includes(how), `the message does not say that it ${how}`);
  check(error.message.includes(error.stderrTail), 'the message does not have the stderr tail');
  check(
    error.exitCode === point.exitCode && error.signal === point.signal,
    'the error says otherwise than closed',
  );
  return problems;
}

/** Every message reached its stream, once, in order. */
function messageProblems(owed: Owed, { handed }: Workload, client: AsyncClient): string[] {
  const problems: string[] = [];
  for (const stream of ['main', 'filtered', 'run'] as const) {
    const expected = owed.messages.filter((message) => streamOf(message) === stream);
    const got = handed[stream].map(({ kind: _, ...message }) => message);
    if (!isDeepStrictEqual(got, expected))
      problems.push(`${stream} got ${JSON.stringify(got)} for ${JSON.stringify(expected)}`);
  }
  const { messages, noiseLines, held } = client.stats();
  if (messages.received !== owed.messages.length || messages.delivered !== messages.received)
    problems.push(`the stats count ${JSON.stringify(messages)} for ${owed.messages.length} messages`);
  if (held.messages !== 0 || held.bytes !== 0) problems.push(`${held.messages} messages are still held`);
  if (noiseLines !== owed.noiseLines && !owed.isBroken) problems.push(`${noiseLines} noise lines`);
  return problems;
}

/** The streams of the workload, by the threads of the transcript. */
function streamOf(message: WireLine): 'main' | 'filtered' | 'run' {
  const params = message['params'] as { threadId?: string } | undefined;
  // `thread/started` is the thread's, and no message of a turn.
  if (params?.threadId === 'T') return 'run';
  return params?.threadId === 'F' ? 'filtered' : 'main';
}

/** Every promise settled: with its answer when that was written, and otherwise with the one error. */
function endingProblems(owed: Owed, workload: Workload, reason: CloseReason): string[] {
  const problems: string[] = [];
  const turnEnded = owed.answers.has(6) && owed.messages.some(({ method }) => method === 'turn/completed');
  const streamsEnd = reason.error === undefined;
  const shouldResolve: Readonly<Record<string, boolean>> = {
    'thread/start': owed.answers.has(2),
    'model/list': owed.answers.has(3),
    'thread/read': false,
    'run.result': turnEnded,
    'the run behind it': false,
    'the loop over the run': turnEnded,
    'the filtered stream': streamsEnd,
    'the main stream': streamsEnd,
  };
  for (const [name, ending] of workload.tracked.endings) {
    const isFree =
      WRITES.test(name) || name === 'thread/resume' || (name === 'initialize' && owed.answers.has(1));
    if (ending.state === 'pending') problems.push(`${name} is pending`);
    else if (!isFree && (ending.state === 'resolved') !== (shouldResolve[name] ?? false))
      problems.push(`${name} ${ending.state}`);
    if (ending.state === 'rejected' && !isTheError(name, ending, owed, reason))
      problems.push(`${name} rejected with ${ending.error}`);
  }
  return problems;
}

function isTheError(
  name: string,
  ending: Ending & { state: 'rejected' },
  owed: Owed,
  reason: CloseReason,
): boolean {
  const { error } = ending;
  if (name === 'thread/resume' && owed.answers.has(4)) return error instanceof RpcError;
  if (name.startsWith('respond') && error instanceof StaleRequestError) return true;
  const cause = name === 'initialize' && error instanceof HandshakeError ? error.cause : error;
  // A run says what its turn had come to, and why no more.
  const isOfTurn = error instanceof ServerClosedError && error.result !== undefined;
  if (reason.error !== undefined) return (isOfTurn ? error.cause : cause) === reason.error;
  return cause instanceof ServerClosedError && cause.message.includes('shut down');
}

/** Calls afterwards reject with the same error, and streams opened afterwards end in the same way. */
async function laterCallProblems(client: AsyncClient, reason: CloseReason): Promise<string[]> {
  const problems: string[] = [];
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    request: () => client.threadStart({}),
    notify: () => client.notify('late'),
    respondById: () => client.respondById(0, {}),
    'turnRun().result': () => client.turnRun({ threadId: 'T', input: 'late' }).result(),
    'events().next': () => client.events().next(),
    'events({threadId}).next': () => client.events({ threadId: 'T' }).next(),
    nextMessage: () => client.nextMessage(),
  };
  for (const [name, call] of Object.entries(calls)) {
    const isStream = name.includes('next');
    const error = await call().then(
      () => undefined,
      (rejection: unknown) => rejection,
    );
    const isRight =
      isStream || reason.error !== undefined ? error === reason.error : error instanceof ServerClosedError;
    if (!isRight) problems.push(`${name} afterwards gave ${error}`);
  }
  if (client.state !== 'closed' || client.isAlive) problems.push(`the state is ${client.state}`);
  return problems;
}
