/** The folder of codex, from outside. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { homeFinding } from '../../src/doctor/home-check.js';
import { asPlainUser } from '../helpers/plain-user.js';
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

test.skipIf(process.platform === 'win32')('one in a folder of somebody else is another failure', async () => {
  const others = emptyFolder();
  mkdirSync(join(others, '.codex'));
  chmodSync(others, 0);
  const finding = await asPlainUser(() => homeFinding({ CODEX_HOME: join(others, '.codex') }));
  chmodSync(others, 0o700);
  expect(finding).toMatchObject({
    status: 'fail',
    advice: expect.stringContaining('another one'),
    details: { problem: 'cannot be looked into: EACCES', hasConfig: false },
  });
});

test('a file on the way to it is as if it were not there', () => {
  const file = join(emptyFolder(), 'file');
  writeFileSync(file, '');
  expect(homeFinding({ CODEX_HOME: join(file, '.codex') })).toMatchObject({
    details: { problem: 'is not there' },
  });
});
