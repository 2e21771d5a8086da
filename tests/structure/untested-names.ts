/**
 * The rooms whose test files have the names of their source files, and the source files there that need none. Add a
 * room to the one when its tests have been sorted, and a file to the other only with the reason.
 */

/** Rooms that are mirrored, their sub-rooms included: `tests/<path>.test.ts` for `src/<path>.ts`. */
export const MIRRORED: readonly string[] = ['app-server', 'generator', 'protocol'];

/** Source files of those rooms without a test of the same name, and why. */
export const UNTESTED: Readonly<Record<string, string>> = {
  'app-server/lifetime/attachable-child.ts': 'types alone; attached-streams.test.ts tests their check',
  'generator/response-exceptions.ts': 'a table; method-map.test.ts tests that each line is needed',
};
