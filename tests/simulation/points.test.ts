/** Thousands of points: every law holds in each of them, and together they reach everything that they are made of. */
import { expect, test } from 'vitest';
import { sized } from '../helpers/sizes.js';
import { TIME_STEPS as LIFE_TIME_STEPS, USER_STEPS, WORLD_STEPS } from './outliving/program/user-steps.js';
import { runInWorkers } from './point-workers.js';
import { ENDINGS } from './program/endings.js';
import { PROGRAM_STEPS, SERVER_STEPS, TIME_STEPS } from './program/steps.js';
import { TAPE_FAULTS } from './tape-point.js';

const POINTS = sized(60_000, 2_500);

/** The errors of the package that a client can meet whose options are good and whose process was started by others. */
const ERRORS = [
  'AlreadyRespondedError',
  'BackpressureError',
  'BudgetExceededError',
  'ConcurrentReadError',
  'OverloadedError',
  'ProtocolError',
  'RequestTimeoutError',
  'RpcError',
  'ServerClosedError',
  'StaleRequestError',
  'ThreadBusyError',
  'TurnFailedError',
  'TurnOutcomeUnknownError',
];

/** What less than one point in a thousand reaches: asked for where there are enough of them. */
const SELDOM = sized<readonly string[]>(
  [],
  [
    'error: OverloadedError',
    'error: TurnOutcomeUnknownError',
    'outliving fault: mute',
    'outliving caught: cut, not kept',
    'outliving error: StaleRequestError',
  ],
);

test(`every law holds at ${POINTS} points, which reach every step, fault, reader, end and error`, {
  timeout: 1_200_000,
}, async () => {
  const { broken, counts } = await runInWorkers(1, POINTS, 2);
  expect(broken.map(({ seed, broken: [what] }) => `seed ${seed}: ${what}`)).toEqual([]);

  const often = (group: string, names: readonly string[]) =>
    names.filter((name) => !SELDOM.includes(`${group}: ${name}`)).sort();
  const reached = (group: string) => often(group, Object.keys(counts[group] ?? {}));
  const steps = [SERVER_STEPS, PROGRAM_STEPS, TIME_STEPS].flatMap((names) => Object.keys(names));
  expect(reached('step')).toEqual(expect.arrayContaining(steps));
  expect(reached('end')).toEqual(expect.arrayContaining(Object.keys(ENDINGS)));
  expect(reached('error')).toEqual(expect.arrayContaining(often('error', ERRORS)));
  const readers = ['main', 'filter', 'run', 'text', 'snapshots', 'tap', 'wire', 'nextMessage', 'tools'];
  expect(reached('reader')).toEqual(readers.sort());
  expect(reached('queue')).toEqual(['added', 'begun', 'deleted', 'deleted too late', 'started']);
  const goals = [
    'set active',
    'set paused',
    'cleared',
    'turn',
    'turn reached, complete',
    'turn interrupted, paused',
  ];
  expect(reached('goal')).toEqual(expect.arrayContaining(goals));
  expect(reached('tool call')).toEqual(['fail', 'respond']);
  expect(reached('fate')).toEqual(['answered', 'dropped', 'overloaded', 'refused']);
  const flow = [
    'coalesced',
    'cuts',
    'discarded',
    'evicted',
    'missed',
    'pauses',
    'retries',
    'standingAnswers',
  ];
  expect(reached('flow')).toEqual(flow);
  expect(reached('tape fault')).toEqual(Object.keys(TAPE_FAULTS).sort());
  const lifeSteps = [WORLD_STEPS, USER_STEPS, LIFE_TIME_STEPS].flatMap((names) => Object.keys(names));
  expect(reached('outliving step')).toEqual(lifeSteps.sort());
  const lifeFaults = ['cut', 'kill', 'mute', 'no start'];
  expect(reached('outliving fault')).toEqual(often('outliving fault', lifeFaults));
  const caught = ['cut, kept', 'cut, not kept', 'kill, kept', 'kill, not kept'];
  expect(reached('outliving caught')).toEqual(often('outliving caught', caught));
  const lifeErrors = ['ResumeWouldSpendError', 'ServerClosedError', 'StaleRequestError'];
  expect(reached('outliving error')).toEqual(expect.arrayContaining(often('outliving error', lifeErrors)));
  expect(reached('ending')).toEqual(['nothing', 'status', 'thread/closed', 'turn/completed']);
});
