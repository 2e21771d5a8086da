/** The user's folder and shell. */
import { isAbsolute } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loginShell, userHome } from '../../src/doctor/user.js';

test('the user here has a folder', () => {
  expect(isAbsolute(userHome())).toBe(true);
});

test.skipIf(process.platform === 'win32')('the user here has a shell', () => {
  expect(loginShell()).toMatch(/^\//);
});

test('nobody has a login shell on Windows, or with PowerShell', () => {
  expect(loginShell('win32')).toBeUndefined();
  expect(loginShell('linux', '/usr/bin/pwsh', (name) => `/bin/${name}`)).toBeUndefined();
});

describe('codex runs commands in', () => {
  const all = (name: string) => `/opt/${name}`;
  const onlyZsh = (name: string) => (name === 'zsh' ? '/opt/zsh' : undefined);
  const none = () => undefined;
  test.each([
    ["the user's own bash, zsh or sh", 'linux', '/usr/local/bin/bash', all, '/usr/local/bin/bash'],
    ["the user's own zsh, wherever it is", 'linux', '/x/zsh', none, '/x/zsh'],
    ["the user's own sh, also on macOS", 'darwin', '/bin/sh', all, '/bin/sh'],
    ['a bash in the place of another shell', 'linux', '/usr/bin/fish', all, '/opt/bash'],
    ['a zsh, where there is no bash', 'linux', '/usr/sbin/nologin', onlyZsh, '/opt/zsh'],
    ['a zsh first, on macOS', 'darwin', '/bin/false', all, '/opt/zsh'],
    ['a bash for a user whom the system does not know', 'linux', '', all, '/opt/bash'],
    ['/bin/sh, where there is nothing else', 'linux', '/bin/tcsh', none, '/bin/sh'],
  ])('%s', (_, platform, own, find, expected) => {
    expect(loginShell(platform, own, find)).toBe(expected);
  });
});
