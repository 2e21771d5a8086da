/**
 * Loaded before each test file. Counts what runs after the end of a test as run by that test: sockets and processes
 * still close then. Stryker counts it as run by the loading of the file, and would try all tests on a mutant there.
 */

const stryker: unknown = Reflect.get(globalThis, '__stryker__');

if (typeof stryker === 'object' && stryker !== null) {
  let latestTest: unknown;
  Object.defineProperty(stryker, 'currentTestId', {
    get: () => latestTest,
    set: (testId: unknown) => {
      latestTest = testId ?? latestTest;
    },
  });
}
