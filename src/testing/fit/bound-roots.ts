/**
 * Folders of the machine of a recording, and those that stand for them here. They are learned from pairs of paths: the
 * longest common tail is the same on both machines, what is before it are the roots, and later paths below a root must
 * agree. A path that is the same on both sides is its own root from then on.
 */
import { type AbsolutePath, absolutePathOf, pathText } from './absolute-path.js';
import { OneToOne } from './one-to-one.js';

/** What came of two texts: they fit, or not, and sometimes there is a reason that they themselves do not show. */
export type TextFit = { readonly fits: true } | { readonly fits: false; readonly reason?: string };

/** A root that stands for a recorded one. */
interface Root {
  readonly path: AbsolutePath;
  /** How many segments of the recorded path it replaces. */
  readonly replaces: number;
}

const FITS: TextFit = { fits: true };

export class BoundRoots {
  readonly #roots = new OneToOne<Root>();
  #hasMoved = false;

  /** @param isFolder - where the paths stand folders do, so that they need nothing in common */
  fit(recorded: string, given: string, isFolder: boolean): TextFit {
    const from = absolutePathOf(recorded);
    const to = absolutePathOf(given);
    if (from === undefined || to === undefined) return { fits: recorded === given };
    return isSame(from, to) ? this.#fitSame(from) : this.#fitMoved(from, to, isFolder);
  }

  /** The text with the root that stands for its own here; any other text stays as it is. */
  translate(text: string): string {
    if (!this.#hasMoved) return text;
    const path = absolutePathOf(text);
    const translated = path === undefined ? undefined : this.#translated(path);
    return path === undefined || translated === undefined || isSame(path, translated)
      ? text
      : pathText(translated);
  }

  /** What the last pairs taught stays. */
  keep(): void {
    this.#roots.keep();
  }

  /** What the last pairs taught is forgotten. */
  forget(): void {
    this.#roots.forget();
  }

  #fitSame(path: AbsolutePath): TextFit {
    const bound = this.#roots.given(keyOf(path.segments));
    if (bound !== undefined) return isSame(bound.path, path) ? FITS : stoodFor(path, bound.path);
    // A fixed place below a root that moved, such as a file in /tmp, is itself from now on.
    if (path.segments.length > 0 && this.#roots.recorded(keyOf(path.segments)) === undefined) {
      this.#bind(path, path);
    }
    return FITS;
  }

  #fitMoved(from: AbsolutePath, to: AbsolutePath, isFolder: boolean): TextFit {
    const expected = this.#translated(from);
    if (expected !== undefined) return isSame(expected, to) ? FITS : stoodFor(from, expected);
    const tail = commonTail(from.segments, to.segments);
    if (tail === 0 && !isFolder) return { fits: false };
    const oldRoot = withoutTail(from, tail);
    const newRoot = withoutTail(to, tail);
    if (oldRoot.segments.length === 0 || newRoot.segments.length === 0) return { fits: false };
    const taken = this.#roots.recorded(keyOf(newRoot.segments));
    if (taken !== undefined) {
      const before = pathText({ ...oldRoot, segments: taken.split('\0') });
      return { fits: false, reason: `${pathText(newRoot)} stood for ${before} before` };
    }
    this.#bind(oldRoot, newRoot);
    this.#hasMoved = true;
    return FITS;
  }

  #bind(recorded: AbsolutePath, given: AbsolutePath): void {
    const root = { path: given, replaces: recorded.segments.length };
    this.#roots.bind(keyOf(recorded.segments), { key: keyOf(given.segments), given: root });
  }

  /** The path below the nearest root; undefined where no root is known. */
  #translated(path: AbsolutePath): AbsolutePath | undefined {
    let nearest: Root | undefined;
    let key = '';
    for (const [index, segment] of path.segments.entries()) {
      key = index === 0 ? segment : `${key}\0${segment}`;
      nearest = this.#roots.given(key) ?? nearest;
    }
    if (nearest === undefined) return undefined;
    const segments = [...nearest.path.segments, ...path.segments.slice(nearest.replaces)];
    return { ...path, segments, separator: nearest.path.separator };
  }
}

function stoodFor(recorded: AbsolutePath, expected: AbsolutePath): TextFit {
  return { fits: false, reason: `${pathText(recorded)} is ${pathText(expected)} since an earlier line` };
}

function keyOf(segments: readonly string[]): string {
  return segments.join('\0');
}

function isSame(one: AbsolutePath, other: AbsolutePath): boolean {
  return keyOf(one.segments) === keyOf(other.segments);
}

/** How many segments at the end are the same; the first of either path never counts, because a root has a name. */
function commonTail(one: readonly string[], other: readonly string[]): number {
  const most = Math.min(one.length, other.length) - 1;
  let tail = 0;
  while (tail < most && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  return tail;
}

function withoutTail(path: AbsolutePath, tail: number): AbsolutePath {
  return { ...path, segments: path.segments.slice(0, path.segments.length - tail), endsOpen: false };
}
