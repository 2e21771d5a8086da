/**
 * Which tests are asked about a mutant: all but those that need the real codex, take long, or look at something other
 * than the code that runs in this process. The one place where this is decided.
 */
import { fileURLToPath } from 'node:url';
import { configDefaults, mergeConfig } from 'vitest/config';
import shared from '../vitest.shared.js';

const LEFT_OUT = [
  'bench',
  'codex',
  'coverage',
  'docs',
  'examples',
  'faults',
  'generator',
  'long',
  'mutation',
  'package',
  'protocol',
  'simulation',
  'soak',
  'structure',
  'tapes',
  'testing/model',
  'types',
];

export default mergeConfig(shared, {
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: [...configDefaults.exclude, `tests/{${LEFT_OUT.join(',')}}/**`],
    setupFiles: [fileURLToPath(new URL('late-code.ts', import.meta.url))],
    // A mutant that makes a test hang is noticed; a minute of waiting for each would take the day.
    testTimeout: 10_000,
    hookTimeout: 10_000,
  },
});
