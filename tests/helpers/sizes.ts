/**
 * How much a test does of what is the same many times over: enough for what it asserts in `npm test`, all of it in
 * `npm run test:all`, where `tests/long/whole-sizes.test.ts` runs the same tests with the variable below.
 */
export const WHOLE_SIZES = 'WHOLE_SIZES';

/** Of two sizes the one of this run. */
export function sized<T>(whole: T, daily: T): T {
  return process.env[WHOLE_SIZES] === undefined ? daily : whole;
}
