/** The executable of an installed `@openai/codex`: the layouts that package managers and Electron make of it. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  executableBehindLauncher,
  installedExecutable,
} from '../../../src/app-server/locate/installed-package.js';
import type { PlatformBuild } from '../../../src/app-server/locate/platform-packages.js';
import { at, file, TRIPLE, useFileTree } from './file-tree.js';

const LINUX: PlatformBuild = { packageName: '@openai/codex-linux-x64', triple: TRIPLE, executable: 'codex' };

useFileTree();

describe('an installed @openai/codex', () => {
  it.each(['bin', 'codex'])(
    'is found in its platform package, with the executable in vendor/TRIPLE/%s',
    (folder) => {
      file('node_modules/@openai/codex/package.json');
      file('node_modules/@openai/codex-linux-x64/package.json');
      const native = file('node_modules/@openai/codex-linux-x64/vendor', TRIPLE, folder, 'codex');
      expect(installedExecutable(at('deep/er'), LINUX).file).toBe(native);
    },
  );

  it('prefers the newer layout', () => {
    file('node_modules/@openai/codex/package.json');
    file('node_modules/@openai/codex-linux-x64/package.json');
    file('node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'codex/codex');
    const native = file('node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'bin/codex');
    expect(installedExecutable(at(), LINUX).file).toBe(native);
  });

  it('is found in old versions that carry all executables themselves', () => {
    file('node_modules/@openai/codex/package.json');
    const native = file('node_modules/@openai/codex/vendor', TRIPLE, 'codex/codex');
    expect(installedExecutable(at(), LINUX).file).toBe(native);
  });

  it('is found through the links of pnpm, where the platform package is visible to codex only', () => {
    file('node_modules/.pnpm/codex/node_modules/@openai/codex/package.json');
    file('node_modules/.pnpm/codex/node_modules/@openai/codex-linux-x64/package.json');
    const native = file(
      'node_modules/.pnpm/codex/node_modules/@openai/codex-linux-x64/vendor',
      TRIPLE,
      'bin/codex',
    );
    mkdirSync(at('app/node_modules/@openai'), { recursive: true });
    symlinkSync(
      at('node_modules/.pnpm/codex/node_modules/@openai/codex'),
      at('app/node_modules/@openai/codex'),
    );
    expect(installedExecutable(at('app'), LINUX).file).toBe(native);
  });

  it('in an Electron archive is replaced by the copy that was unpacked beside it', () => {
    file('app.asar/node_modules/@openai/codex/package.json');
    file('app.asar/node_modules/@openai/codex-linux-x64/package.json');
    file('app.asar/node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'bin/codex');
    const unpacked = file(
      'app.asar.unpacked/node_modules/@openai/codex-linux-x64/vendor',
      TRIPLE,
      'bin/codex',
    );
    expect(installedExecutable(at('app.asar/dist'), LINUX).file).toBe(unpacked);
  });

  it('in an Electron archive is found in it when nothing was unpacked, and elsewhere no path is changed', () => {
    const [archived, copy] = ['app.asar', 'app.asar-copy'].map((folder) => {
      file(folder, 'node_modules/@openai/codex/package.json');
      return file(folder, 'node_modules/@openai/codex/vendor', TRIPLE, 'bin/codex');
    });
    expect(installedExecutable(at('app.asar'), LINUX).file).toBe(archived);
    file('app.asar.unpacked-copy/node_modules/@openai/codex/vendor', TRIPLE, 'bin/codex');
    expect(installedExecutable(at('app.asar-copy'), LINUX).file).toBe(copy);
  });

  it('is told apart from one whose platform package is missing, and from none', () => {
    expect(installedExecutable(at(), LINUX)).toEqual({ file: undefined, packageFolder: undefined });
    file('node_modules/@openai/codex/package.json');
    const packageFolder = at('node_modules/@openai/codex');
    expect(installedExecutable(at(), LINUX)).toEqual({ file: undefined, packageFolder });
  });
});

describe('a program on PATH', () => {
  it('has no executable behind it when it is not the launcher of npm', () => {
    file('node_modules/@openai/codex/package.json');
    file('node_modules/@openai/codex/vendor', TRIPLE, 'bin/codex');
    expect(executableBehindLauncher(file('codex'), LINUX)).toBeUndefined();
    expect(executableBehindLauncher(file('node_modules/@openai/codex/bin/other.js'), LINUX)).toBeUndefined();
    expect(executableBehindLauncher(at('gone'), LINUX)).toBeUndefined();
  });

  it('has the one of the package that it lies in when it is the launcher of npm', () => {
    const native = file('lib/@openai/codex/vendor', TRIPLE, 'bin/codex');
    expect(executableBehindLauncher(file('lib/@openai/codex/bin/codex.js'), LINUX)).toBe(native);
  });

  it('has none behind it on Windows when no package lies beside it', () => {
    const windows = { ...LINUX, executable: 'codex.exe' };
    expect(executableBehindLauncher(file('codex.cmd'), windows)).toBeUndefined();
  });

  it('has the one of the package that is linked beside it on Windows', () => {
    const windows = { ...LINUX, executable: 'codex.exe' };
    const native = file('store/codex/vendor', TRIPLE, 'bin/codex.exe');
    mkdirSync(at('npm/node_modules/@openai'), { recursive: true });
    symlinkSync(at('store/codex'), at('npm/node_modules/@openai/codex'));
    expect(executableBehindLauncher(file('npm/codex.cmd'), windows)).toBe(native);
  });
});
