// How Stryker runs; what it runs comes from run-mutants.ts. Paths count from the repository's root.

import { fileURLToPath } from 'node:url';

export default {
  testRunner: 'vitest',
  plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
  vitest: { configFile: 'tests/mutation/vitest.config.ts' },
  coverageAnalysis: 'perTest',
  tempDirName: '.tmp/mutation',
  cleanTempDir: 'always',
  ignorePatterns: ['.tmp', 'dist'],
  // Stryker would change both with the compiler's old interface, which TypeScript 7 lacks; vitest checks no types.
  disableTypeChecks: false,
  tsconfigFile: 'none',
  dryRunTimeoutMinutes: 10,
  // Vitest ends a test that waits for ever. What is left to Stryker is code that never stops running, which is rare;
  // with its own five seconds, the survivors of a busy machine are taken for it.
  timeoutMS: 30_000,
  timeoutFactor: 3,
  reporters: ['progress-append-only'],
  logLevel: 'warn',
  warnings: { slow: false },
};
