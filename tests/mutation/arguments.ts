/** The command line of `npm run mutation`. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { SEED_LIMIT } from './sample.js';

/** What is asked for. */
export interface Arguments {
  readonly room: string;
  /** `Infinity` for all mutants. */
  readonly sample: number;
  readonly seed: number;
  readonly testFiles: readonly string[];
  /** The score in percent below which the program fails. */
  readonly bar: number;
}

export const USAGE = `npm run mutation -- --room NAME [options]

Changes the sources of a room in small ways, one at a time, and lists the changes that no test notices.

  --room NAME         a folder below src: wire, session, session/streams, ...
  --sample K          try K mutants drawn at random, instead of all
  --seed N            draw the same ones again; the seed of each run is printed
  --test-files GLOB   run these test files alone, for example 'tests/wire/**'; may be repeated
  --bar PERCENT       end with status 1 when the score is lower
  --help              print this`;

/** Reads the arguments; `undefined` when help is asked for. Throws when they make no sense. */
export function argumentsOf(argv: readonly string[]): Arguments | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      room: { type: 'string' },
      sample: { type: 'string' },
      seed: { type: 'string' },
      'test-files': { type: 'string', multiple: true, default: [] },
      bar: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.room === undefined) throw new RangeError('--room is missing.');
  return {
    room: values.room,
    sample: numberOf('sample', values.sample, 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY,
    seed: numberOf('seed', values.seed, 0, SEED_LIMIT - 1) ?? randomInt(SEED_LIMIT),
    testFiles: values['test-files'],
    bar: numberOf('bar', values.bar, 0, 100) ?? 0,
  };
}

function numberOf(
  name: string,
  text: string | undefined,
  lowest: number,
  highest: number,
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  const isInRange = number >= lowest && number <= highest && (name === 'bar' || Number.isInteger(number));
  if (text === '' || !isInRange)
    throw new RangeError(`--${name} wants a number from ${lowest} to ${highest}, not '${text}'.`);
  return number;
}
