/**
 * Loaded before each test file, to repair two things that Stryker gets wrong.
 *
 * What runs after the end of a test counts as run by that test: sockets and processes still close then. Stryker counts
 * it as run by the loading of the file, and would try all tests on a mutant there.
 *
 * A mutant is active from the loading of the file on. When test files are named, Stryker activates it as the tests begin,
 * and no test can notice another constant of a module: it has been read.
 */
import { inject } from 'vitest';

const stryker: unknown = Reflect.get(globalThis, '__stryker__');

if (typeof stryker === 'object' && stryker !== null) {
  let latestTest: unknown;
  Object.defineProperty(stryker, 'currentTestId', {
    get: () => latestTest,
    set: (testId: unknown) => {
      latestTest = testId ?? latestTest;
    },
  });
  // Stryker provides it under a name that Vitest's types do not know; nothing while the tests run without a mutant.
  Reflect.set(stryker, 'activeMutant', inject('activeMutant' as never));
}
