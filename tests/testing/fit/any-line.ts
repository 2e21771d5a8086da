/** Lines of a client as they could be recorded, and the same lines as another run on another machine would send them. */
import fc from 'fast-check';
import type { TapeMessage } from '../../../src/testing/tapes/tape.js';

/** What is different in another run: ids that the client makes up, and the folder that it works in. */
interface Run {
  readonly id: (index: number) => string;
  readonly root: readonly string[];
  readonly separator: '/' | '\\';
}

/** A line as a run writes it. */
export type LineOf = (run: Run) => TapeMessage;

/** A run as it was recorded. */
export const RECORDED: Run = {
  id: (index) => `proc-${index}`,
  root: ['home', 'alice', 'proj'],
  separator: '/',
};

/** Another run, on this machine or another one. */
export const anyRun: fc.Arbitrary<Run> = fc
  .record({
    salt: fc.integer({ min: 0, max: 99 }),
    root: fc.constantFrom(
      ['tmp', 'x1'],
      ['srv', 'ci', 'work'],
      ['home', 'bob', 'proj'],
      ['C:', 'Users', 'bob'],
    ),
  })
  .map(({ salt, root }) => ({
    id: (index) => `p-${salt}-${index}`,
    root,
    separator: root[0] === 'C:' ? '\\' : '/',
  }));

/** A path below the folder of a run. */
function pathIn({ root, separator }: Run, names: readonly string[]): string {
  return `${separator === '/' ? '/' : ''}${[...root, ...names].join(separator)}`;
}

const name = fc.constantFrom('src', 'lib', 'a.ts', 'b.ts', 'ü', 'with space');
const names = fc.array(name, { minLength: 1, maxLength: 4 });
const word = fc.string({ maxLength: 12 }).filter((text) => !/^[/\\]|^[A-Za-z]:|^file:/.test(text));

type ValueOf = (run: Run) => unknown;
const fixed: fc.Arbitrary<ValueOf> = fc
  .oneof(word, fc.integer(), fc.boolean(), fc.constant(null))
  .map((value) => () => value);
const path: fc.Arbitrary<ValueOf> = names.map((below) => (run) => pathIn(run, below));

/** A tree of what a line can hold: plain values, and paths. */
const { value } = fc.letrec<{ value: ValueOf }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fixed,
    path,
    fc.array(tie('value'), { maxLength: 3 }).map(
      (entries): ValueOf =>
        (run) =>
          entries.map((entry) => entry(run)),
    ),
    fc
      .dictionary(fc.constantFrom('model', 'input', 'summary', 'config', 'items'), tie('value'), {
        maxKeys: 3,
      })
      .map(
        (members): ValueOf =>
          (run) =>
            Object.fromEntries(Object.entries(members).map(([key, member]) => [key, member(run)])),
      ),
  ),
}));

const request: fc.Arbitrary<LineOf> = fc
  .record({ method: fc.constantFrom('turn/start', 'thread/start', 'config/read'), extra: value })
  .map(({ method, extra }) => (run) => ({
    id: 1,
    method,
    params: { cwd: pathIn(run, []), extra: extra(run) },
  }));

const command: fc.Arbitrary<LineOf> = fc
  .record({
    method: fc.constantFrom('command/exec', 'command/exec/write', 'command/exec/terminate'),
    index: fc.integer({ min: 0, max: 3 }),
    below: names,
  })
  .map(({ method, index, below }) => (run) => ({
    id: 2,
    method,
    params: { processId: run.id(index), command: ['cat', pathIn(run, below)], cwd: pathIn(run, []) },
  }));

const answer: fc.Arbitrary<LineOf> = value.map((result) => (run) => ({
  id: 0,
  result: { cwd: pathIn(run, []), result: result(run) },
}));

/** Any line of a client. Each names the folder of its run, so that the first one tells where it is. */
export const anyLine: fc.Arbitrary<LineOf> = fc.oneof(request, command, answer);
