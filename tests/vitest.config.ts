/**
 * Which tests are run when, by folder. The one place where this is decided:
 *
 * | project | what it needs | run by |
 * |---|---|---|
 * | `rooms` | nothing but Node.js and scripted servers | `npm run test:fast`, `npm test` |
 * | `world` | the real codex, npm, compilers, processes by the hundred, schedules by the thousand | `npm test` |
 * | `long` | minutes | `npm run test:all` |
 */
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import shared from './vitest.shared.js';

/** The folders of `tests` whose tests need more than Node.js and scripted servers. */
const WORLD = [
  'codex',
  'docs',
  'examples',
  'faults',
  'generator',
  'package',
  'protocol',
  'simulation',
  'soak',
];
/** The folders whose tests take minutes. */
const LONG = ['long'];

/** Compilers, packers and bundlers take a core each, which others may want, too. */
const WORLD_TIMEOUT_MS = 4 * 60_000;
const LONG_TIMEOUT_MS = 15 * 60_000;

/** One process for many files takes half the time; a test that leaves something behind is found out by others. */
const SHARED_PROCESSES = {
  isolate: false,
  setupFiles: [fileURLToPath(new URL('helpers/real-clock.ts', import.meta.url))],
};

const filesOf = (folders: readonly string[]) => folders.map((folder) => `tests/${folder}/**/*.test.ts`);

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      projects: [
        {
          extends: true,
          test: {
            name: 'rooms',
            include: ['tests/**/*.test.ts'],
            exclude: [...configDefaults.exclude, ...filesOf([...WORLD, ...LONG])],
            ...SHARED_PROCESSES,
          },
        },
        {
          extends: true,
          test: {
            name: 'world',
            include: filesOf(WORLD),
            ...SHARED_PROCESSES,
            globalSetup: [fileURLToPath(new URL('helpers/temporary-files.ts', import.meta.url))],
            // Much of what they wait for is a server that waits itself: one more than has a core.
            maxWorkers: 3,
            sequence: { groupOrder: 1 },
            testTimeout: WORLD_TIMEOUT_MS,
            hookTimeout: WORLD_TIMEOUT_MS,
          },
        },
        {
          extends: true,
          test: {
            name: 'long',
            include: filesOf(LONG),
            sequence: { groupOrder: 2 },
            testTimeout: LONG_TIMEOUT_MS,
            hookTimeout: LONG_TIMEOUT_MS,
          },
        },
      ],
    },
  }),
);
