/** The whole soak in a process of its own, memory included: what a client costs its host is flat. */
import { expect, test } from 'vitest';
import { run } from '../package/commands.js';
import { REPOSITORY } from '../package/packed.js';

test('memory, handles, listeners and open files are flat over thousands of requests, turns and starts', async () => {
  const argv = ['--expose-gc', '--import', 'tsx', 'tests/soak/soak.ts'];
  expect(await run(process.execPath, argv, REPOSITORY)).toMatch(/^flat$/m);
});
