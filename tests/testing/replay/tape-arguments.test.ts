/** What `codex-tape` is asked to do, by arguments and by the environment. */
import { expect, test } from 'vitest';
import { tapeRequest } from '../../../src/testing/replay/tape-arguments.js';

const crash = { fault: 'crash', afterLine: 3 };

test('its own arguments become the options of a replay', () => {
  const args = [
    '--speed',
    'recorded',
    '--seed',
    '7',
    '--stall-ms=Infinity',
    '--fault',
    JSON.stringify(crash),
  ];
  const ignore = ['--ignore', 'params.a', '--ignore', 'params.b'];
  expect(tapeRequest([...args, 'a.jsonl', ...ignore], {})).toEqual({
    kind: 'play',
    path: 'a.jsonl',
    options: {
      speed: 'recorded',
      seed: 7,
      stallMs: Number.POSITIVE_INFINITY,
      faults: [crash],
      ignore: ['params.a', 'params.b'],
    },
  });
  expect(tapeRequest(['a.jsonl'], { CODEX_TAPE: '' })).toEqual({
    kind: 'play',
    path: 'a.jsonl',
    options: {},
  });
  expect(tapeRequest(['--help'], {})).toEqual({ kind: 'help' });
});

test('as a stand-in for codex it ignores every argument', () => {
  const args = ['-c', 'model="x"', 'app-server', '--help', '--seed'];
  expect(tapeRequest(args, { CODEX_TAPE: 'a.jsonl' })).toEqual({
    kind: 'play',
    path: 'a.jsonl',
    options: {},
  });
  const options = { seed: 7, faults: [crash] };
  expect(tapeRequest(args, { CODEX_TAPE: 'a.jsonl', CODEX_TAPE_OPTIONS: JSON.stringify(options) })).toEqual({
    kind: 'play',
    path: 'a.jsonl',
    options,
  });
  expect(tapeRequest(['--version'], { CODEX_TAPE: 'a.jsonl' })).toEqual({ kind: 'version', path: 'a.jsonl' });
});

test.each<[string[], Record<string, string>, string]>([
  [[], {}, 'TAPE: expected the path of one tape, got none; --help says more'],
  [['a', 'b'], {}, 'TAPE: expected the path of one tape, got "a" and "b"; --help says more'],
  [['--seed', 'x', 'a'], {}, '--seed: expected a number, got "x"'],
  [['--seed=', 'a'], {}, '--seed: expected a number, got ""'],
  [['--stall-ms', '1s', 'a'], {}, '--stall-ms: expected a number, got "1s"'],
  [['--fault', 'crash', 'a'], {}, '--fault: expected an object as JSON, got "crash"'],
  [['--fault', '[]', 'a'], {}, '--fault: expected an object as JSON, got "[]"'],
  [
    [],
    { CODEX_TAPE: 'a', CODEX_TAPE_OPTIONS: '7' },
    'CODEX_TAPE_OPTIONS: expected an object as JSON, got "7"',
  ],
])('%j with %j is refused', (args, environment, message) => {
  expect(() => tapeRequest(args, environment)).toThrow(
    expect.objectContaining({ name: 'InvalidArgumentError', message }),
  );
});

test('an unknown option is refused by its name', () => {
  expect(() => tapeRequest(['--sped', 'a'], {})).toThrow(/^arguments: .*'--sped'/);
});
