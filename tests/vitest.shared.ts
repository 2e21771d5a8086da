/** What every run of the tests has: how the package is found under its own name, and what bounds a hang. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^codex-async-client\/testing$/, replacement: source('testing/index.ts') },
      { find: /^codex-async-client\/view$/, replacement: source('view/index.ts') },
      { find: /^codex-async-client\/otel$/, replacement: source('otel/index.ts') },
      { find: /^codex-async-client$/, replacement: source('index.ts') },
    ],
  },
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    typecheck: { enabled: false },
    globalSetup: [fileURLToPath(new URL('helpers/compiled-copy.ts', import.meta.url))],
    // A hang is a failure of the product; this only bounds how long it takes to be told.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
