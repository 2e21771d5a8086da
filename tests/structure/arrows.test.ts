// Who may import whom. The arrows between the rooms go one way, so that a room can be read, tested and changed
// without those that stand on it. The rooms and their arrows are data, in `rooms.ts`.

import { describe, expect, test } from 'vitest';
import { DOORS, ROOMS, UPWARD_CODE, UPWARD_TYPES } from './rooms.js';
import { type Import, isShipped, roomOf, type SourceFile, sourceFiles } from './source-files.js';

const files = sourceFiles();

describe('the rooms', () => {
  test('are those that have arrows', () => {
    expect([...new Set(files.map(({ room }) => room))].sort()).toEqual(Object.keys(ROOMS).sort());
  });

  test('import along the arrows', () => {
    const against = importsOf(files).filter(([file, { target, isTypeOnly }]) => {
      const to = roomOf(target);
      const arrows = ROOMS[file.room];
      return to !== file.room && !arrows?.code.includes(to) && !(isTypeOnly && arrows?.types.includes(to));
    });
    expect(against.map(([file, { target }]) => `${file.path} -> ${target}`)).toEqual([]);
  });

  test('use every arrow', () => {
    const used = new Set(
      importsOf(files).map(
        ([file, { target, isTypeOnly }]) => `${file.room} ${roomOf(target)} ${isTypeOnly}`,
      ),
    );
    const unused = Object.entries(ROOMS).flatMap(([from, { code, types }]) => [
      ...code.filter((to) => !used.has(`${from} ${to} false`)).map((to) => `${from} -> ${to} (code)`),
      ...types.filter((to) => !used.has(`${from} ${to} true`)).map((to) => `${from} -> ${to} (types)`),
    ]);
    expect(unused).toEqual([]);
  });

  test('have no cycle, but for the arrows that are named as going up', () => {
    expect(roomsInCycles([...UPWARD_TYPES, ...UPWARD_CODE])).toEqual([]);
  });

  test('have a cycle with any arrow that is named as going up', () => {
    const upward = [...UPWARD_TYPES, ...UPWARD_CODE];
    const harmless = upward.filter(
      (arrow) => roomsInCycles(upward.filter((other) => other !== arrow)).length === 0,
    );
    expect(harmless).toEqual([]);
  });

  test('get types alone from above, but where it is said', () => {
    const carried = Object.entries(ROOMS).flatMap(([from, { code }]) => code.map((to) => `${from} -> ${to}`));
    expect(UPWARD_TYPES.filter((arrow) => carried.includes(arrow))).toEqual([]);
  });
});

test('no file needs itself to be loaded', () => {
  expect(files.filter(({ path }) => loads(path, path)).map(({ path }) => path)).toEqual([]);
});

test('nothing that is shipped imports what is not', () => {
  const reaching = importsOf(files.filter(isShipped)).filter(
    ([, { target }]) => !isShipped({ path: target }),
  );
  expect(reaching.map(([file, { target }]) => `${file.path} -> ${target}`)).toEqual([]);
});

test('a dependency is imported by the files that wrap it, and no other package is', () => {
  const doors: Record<string, string[]> = {};
  for (const file of files.filter(isShipped)) {
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

/** The rooms that lead back to themselves along the arrows of both kinds, `left` out. */
function roomsInCycles(left: readonly string[]): string[] {
  return Object.keys(ROOMS).filter((room) => reaches(room, room, left));
}

/** Whether arrows lead from one room to another, by however many steps. */
function reaches(from: string, wanted: string, left: readonly string[], seen = new Set<string>()): boolean {
  const { code = [], types = [] } = ROOMS[from] ?? {};
  return [...code, ...types].some((to) => {
    if (left.includes(`${from} -> ${to}`) || seen.has(to)) return false;
    seen.add(to);
    return to === wanted || reaches(to, wanted, left, seen);
  });
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
