/** The places of a message that a user does not want compared: dotted paths, where `*` is any index or key. */
import { checkTextList, rejectArgument } from '../../support/argument-checks.js';

/** Where some paths lead together. */
interface Fork {
  readonly next: Map<string, Fork>;
  /** A path ends here. */
  isEnd: boolean;
}

/** The paths that lead through a place; those that lead nowhere near it are gone. */
export type PathsHere = readonly Fork[];

const BEGINNINGS: readonly string[] = ['params', 'result', 'error'];

/**
 * The paths, from the message on.
 * @throws InvalidArgumentError when `ignore` is no list of paths that begin with `params`, `result` or `error`
 */
export function ignoredPaths(ignore: readonly string[]): PathsHere {
  checkTextList('options.ignore', ignore);
  const all: Fork = { next: new Map(), isEnd: false };
  for (const [index, path] of ignore.entries()) {
    const names = path.split('.');
    if (names.includes('') || !BEGINNINGS.includes(names[0] ?? '')) {
      const expected =
        'a dotted path that begins with params, result or error, for example params.input.*.text';
      rejectArgument(`options.ignore[${index}]`, path, expected);
    }
    let fork = all;
    for (const name of names) {
      const next = fork.next.get(name) ?? { next: new Map(), isEnd: false };
      fork.next.set(name, next);
      fork = next;
    }
    fork.isEnd = true;
  }
  return [all];
}

/** The paths that go on to a member or an index. */
export function pathsAt(paths: PathsHere, name: string): PathsHere {
  return paths.flatMap(({ next }) => [next.get(name), next.get('*')].filter((fork) => fork !== undefined));
}

/** Whether what is here is not compared. */
export function isIgnored(paths: PathsHere): boolean {
  return paths.some(({ isEnd }) => isEnd);
}
