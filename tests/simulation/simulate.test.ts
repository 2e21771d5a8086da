/** `npm run simulate`: what it prints, and how it exits. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { programFile } from '../helpers/programs.js';

function simulate(...args: readonly string[]) {
  return promisify(execFile)(process.execPath, [programFile('tests/simulation/simulate.ts'), ...args]);
}

test('plays one point again with all that happened, and says that every law holds', async () => {
  const { stdout } = await simulate('--seed', '7');
  expect(stdout).toMatch(/^\. attaches .*\n> \{"id":1,"method":"initialize"/);
  expect(stdout).toMatch(/\nseed 7: every law holds\n$/);
});

test('plays as many points as it is told, in several processes, and counts them', async () => {
  const { stdout } = await simulate('--points', '60', '--from', '500', '--workers', '2');
  expect(stdout).toMatch(/^60 points in \d+ s, \d+ a second; 0 broke a law\n$/);
});

test('refuses what is no number', async () => {
  await expect(simulate('--seed', 'seven')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--seed seven: expected a whole number from 1 on'),
  });
});
