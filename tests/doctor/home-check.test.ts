/** The folder of codex, from outside. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { homeFinding } from '../../src/doctor/home-check.js';
import { emptyFolder, useStandIns } from './stand-ins.js';

useStandIns();

test('one that CODEX_HOME names is ok when it can be written to', () => {
  const path = emptyFolder();
  expect(homeFinding({ CODEX_HOME: path }, '/nowhere')).toMatchObject({
    status: 'ok',
    finding: `${path} (CODEX_HOME) can be written to, and has no config.toml`,
    details: { path, origin: 'CODEX_HOME', problem: null, hasConfig: false },
  });
});

test('the default is that of the user, and nothing in it is shown', () => {
  const home = emptyFolder();
  mkdirSync(join(home, '.codex'));
  writeFileSync(join(home, '.codex', 'config.toml'), 'key = "hidden"');
  const finding = homeFinding({ CODEX_HOME: '' }, home);
  expect(finding).toMatchObject({
    status: 'ok',
    details: { path: join(home, '.codex'), origin: 'default', hasConfig: true },
  });
  expect(JSON.stringify(finding)).not.toContain('hidden');
});

test('a default that is not there yet is a warning, and a named one a failure', () => {
  const home = emptyFolder();
  expect(homeFinding({}, home)).toMatchObject({ status: 'warn', details: { problem: 'is not there' } });
  expect(homeFinding({ CODEX_HOME: join(home, 'nothing') }, home)).toMatchObject({
    status: 'fail',
    details: { problem: 'is not there' },
  });
});

test('a file is no folder', () => {
  const path = join(emptyFolder(), 'file');
  writeFileSync(path, '');
  expect(homeFinding({ CODEX_HOME: path })).toMatchObject({
    status: 'fail',
    details: { problem: 'is no folder' },
  });
});

// Root may write everywhere, but for what the system itself keeps.
test.skipIf(process.platform !== 'linux')('a folder that nobody may write to is a failure', () => {
  expect(homeFinding({ CODEX_HOME: '/proc/self' })).toMatchObject({
    status: 'fail',
    details: { problem: 'cannot be written to' },
  });
});
