// Who may import whom. The arrows between the rooms go one way, so that a room can be read, tested and changed
// without those that stand on it; CONTRIBUTING has the picture.

import { expect, test } from 'vitest';
import { type Import, roomOf, type SourceFile, sourceFiles } from './source-files.js';

/** What a room may import besides itself: of some rooms the code, of others the types alone. */
const ARROWS: Readonly<
  Record<string, { readonly code: readonly string[]; readonly types: readonly string[] }>
> = {
  // errors, argument-checks, defaults, deferred
  root: { code: [], types: ['protocol'] },
  // The typed methods name the options of a request.
  protocol: { code: [], types: ['session'] },
  wire: { code: ['root'], types: [] },
  'app-server': { code: ['root'], types: [] },
  session: { code: ['root', 'protocol', 'wire'], types: ['app-server'] },
  runs: { code: ['root', 'session'], types: ['protocol'] },
  client: { code: ['root', 'protocol', 'app-server', 'session', 'runs'], types: ['wire'] },
  testing: { code: ['root'], types: ['app-server'] },
  index: { code: ['root', 'protocol', 'runs', 'client'], types: ['wire', 'app-server', 'session'] },
};

/** The files that open the door to a dependency; all others use what those make of it. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  execa: ['app-server/spawn-server.ts'],
  'it-pushable': ['session/message-buffer.ts'],
  'p-queue': ['runs/turn-lines.ts', 'session/request-window.ts'],
};

const files = sourceFiles();

test('every room has its arrows', () => {
  expect([...new Set(files.map(({ room }) => room))].sort()).toEqual(Object.keys(ARROWS).sort());
});

test('imports go along the arrows', () => {
  const against = importsOf(files).filter(([file, { target, isTypeOnly }]) => {
    const to = roomOf(target);
    const arrows = ARROWS[file.room];
    return to !== file.room && !arrows?.code.includes(to) && !(isTypeOnly && arrows?.types.includes(to));
  });
  expect(against.map(([file, { target }]) => `${file.path} -> ${target}`)).toEqual([]);
});

test('every arrow is used', () => {
  const used = new Set(
    importsOf(files).map(([file, { target, isTypeOnly }]) => `${file.room} ${roomOf(target)} ${isTypeOnly}`),
  );
  const unused = Object.entries(ARROWS).flatMap(([from, { code, types }]) => [
    ...code.filter((to) => !used.has(`${from} ${to} false`)).map((to) => `${from} -> ${to} (code)`),
    ...types.filter((to) => !used.has(`${from} ${to} true`)).map((to) => `${from} -> ${to} (types)`),
  ]);
  expect(unused).toEqual([]);
});

test('no file needs itself to be loaded', () => {
  expect(files.filter(({ path }) => loads(path, path)).map(({ path }) => path)).toEqual([]);
});

test('a dependency is imported by the files that wrap it, and no other package is', () => {
  const doors: Record<string, string[]> = {};
  for (const file of files.filter(({ path }) => !path.startsWith('protocol/generat'))) {
    for (const { target, isRelative } of file.imports) {
      if (isRelative || target.startsWith('node:')) continue;
      doors[target] = [...(doors[target] ?? []), file.path];
    }
  }
  expect(doors).toEqual(DOORS);
});

/** Every import of another file, with the file that has it. */
function importsOf(all: readonly SourceFile[]): [SourceFile, Import][] {
  return all.flatMap((file) =>
    file.imports.filter(({ isRelative }) => isRelative).map((entry): [SourceFile, Import] => [file, entry]),
  );
}

/** Whether loading one file loads another, by however many steps. */
function loads(from: string, wanted: string, seen = new Set<string>()): boolean {
  const file = files.find(({ path }) => path === from);
  return (file?.imports ?? []).some(({ target, isRelative, isTypeOnly }) => {
    if (!isRelative || isTypeOnly || seen.has(target)) return false;
    seen.add(target);
    return target === wanted || loads(target, wanted, seen);
  });
}
