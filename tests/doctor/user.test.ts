/** The user's folder and shell. */
import { isAbsolute } from 'node:path';
import { expect, test } from 'vitest';
import { loginShell, userHome } from '../../src/doctor/user.js';

test('the user here has a folder', () => {
  expect(isAbsolute(userHome())).toBe(true);
});

test.skipIf(process.platform === 'win32')('the user here has a shell', () => {
  expect(loginShell()).toMatch(/^\//);
});

test('nobody has a login shell on Windows', () => {
  expect(loginShell('win32')).toBeUndefined();
});
