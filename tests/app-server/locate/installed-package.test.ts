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
  });
});
