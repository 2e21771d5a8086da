/** Checks fault plans against the tape they are for: names, numbers, and that a line is one to which this can happen. */
import {
  checkKnownKeys,
  checkTimeLimit,
  checkWholeNumber,
  rejectArgument,
} from '../../support/argument-checks.js';
import type { TapeMessage } from '../tapes/tape.js';
import type { FaultPlan, TapeFault } from './faults.js';
import { isRequest, type ReplayScript, type ScriptLine } from './replay-script.js';

/** What a fault's line has to be. */
interface LineRule {
  readonly member: 'line' | 'afterLine';
  /** For messages. */
  readonly expected: string;
  readonly fits: (line: ScriptLine) => boolean;
}

/** What is asked of a fault. */
interface FaultRule {
  readonly line?: LineRule;
  readonly numbers?: Readonly<Record<string, (argument: string, value: unknown) => void>>;
}

/** Of any system: a tape is played on others than the one that it was recorded on. */
const SIGNAL = /^SIG[A-Z0-9]+$/;

const AFTER_ANY: LineRule = {
  member: 'afterLine',
  expected: 'the number of a line of the conversation, or 1, the header',
  fits: () => true,
};

const FROM_SERVER: LineRule = {
  member: 'line',
  expected: 'the number of a line that the server sent',
  fits: ({ line }) => line.kind === 'received',
};

const AN_ANSWER: LineRule = {
  member: 'line',
  expected: "the number of a line with the server's answer to a request",
  fits: ({ line, answers }) => line.kind === 'received' && answers !== undefined,
};

const A_REQUEST: LineRule = {
  member: 'line',
  expected: 'the number of a line with a request of the client',
  fits: ({ line }) => line.kind === 'sent' && isRequest(line.message),
};

const RULES: Readonly<Record<TapeFault['fault'], FaultRule>> = {
  crash: { line: AFTER_ANY, numbers: { exitCode: checkExitCode, signal: checkSignalName } },
  endStdout: { line: AFTER_ANY },
  split: { numbers: { bytes: checkBytes } },
  delay: { line: FROM_SERVER, numbers: { ms: checkMs } },
  duplicate: { line: FROM_SERVER },
  dropAnswer: { line: AN_ANSWER },
  overload: { line: A_REQUEST, numbers: { times: checkTimes } },
  floodStderr: { line: AFTER_ANY, numbers: { bytes: checkBytes } },
  stopReading: { line: AFTER_ANY },
};

/** @throws InvalidArgumentError when `plan` is no plan of faults that can happen to this tape */
export function checkFaults(plan: FaultPlan, script: ReplayScript): void {
  if (!Array.isArray(plan)) rejectArgument('options.faults', plan, 'an array of faults');
  for (const [index, fault] of plan.entries()) checkFault(`options.faults[${index}]`, fault, script);
}

function checkFault(argument: string, given: unknown, script: ReplayScript): void {
  if (typeof given !== 'object' || given === null) rejectArgument(argument, given, 'a fault');
  const fault = given as TapeMessage;
  const name = fault['fault'];
  if (typeof name !== 'string' || !Object.hasOwn(RULES, name))
    rejectArgument(`${argument}.fault`, name, `one of ${Object.keys(RULES).join(', ')}`);
  const { line, numbers = {} } = RULES[name as TapeFault['fault']];
  const members = [...(line === undefined ? [] : [line.member]), ...Object.keys(numbers)];
  checkKnownKeys(argument, fault, ['fault', ...members]);
  for (const [member, check] of Object.entries(numbers)) check(`${argument}.${member}`, fault[member]);
  if (isGiven(fault['exitCode']) && isGiven(fault['signal']))
    rejectArgument(
      `${argument}.signal`,
      fault['signal'],
      'none beside an exitCode: a process ends with one of them',
    );
  if (line !== undefined) checkLine(`${argument}.${line.member}`, fault[line.member], line, script);
}

function checkLine(argument: string, given: unknown, rule: LineRule, { tape, lines }: ReplayScript): void {
  if (rule === AFTER_ANY && given === 1) return;
  const line = lines.find((scripted) => scripted.line.line === given);
  if (line !== undefined && rule.fits(line)) return;
  rejectArgument(argument, given, `${rule.expected} (of ${tape.path}, ${whatIs(given, line)})`);
}

/** What stands in a line that was named, for messages. */
function whatIs(given: unknown, scripted: ScriptLine | undefined): string {
  if (scripted === undefined) return 'which has no such line to play';
  const { line, answers } = scripted;
  const { method = answers?.line.message['method'] } = line.message;
  const kind = answers === undefined ? `${String(method)}` : `the answer to ${String(method)}`;
  return `whose line ${String(given)} is ${kind}, of the ${line.kind === 'sent' ? 'client' : 'server'}`;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function checkBytes(argument: string, value: unknown): void {
  checkWholeNumber(argument, value ?? null, { min: 1, unit: 'bytes' });
}

function checkMs(argument: string, value: unknown): void {
  checkTimeLimit(argument, value ?? null);
}

function checkTimes(argument: string, value: unknown): void {
  checkWholeNumber(argument, value, { min: 1, unit: 'times' });
}

function checkExitCode(argument: string, value: unknown): void {
  checkWholeNumber(argument, value ?? undefined, { min: 0, max: 255, unit: 'an exit code' });
}

function checkSignalName(argument: string, value: unknown): void {
  if (!isGiven(value) || (typeof value === 'string' && SIGNAL.test(value))) return;
  rejectArgument(argument, value, 'the name of a signal, for example "SIGKILL"');
}
