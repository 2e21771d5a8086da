/** Which codex is run: package layouts, `PATH`, Electron archives, other platforms, and what the error lists. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ExecutableSearch,
  findExecutable,
  importFolders,
} from '../../src/app-server/locate/find-executable.js';
import { platformBuild } from '../../src/app-server/locate/platform-packages.js';
import { SpawnError } from '../../src/support/errors.js';

const TRIPLE = 'x86_64-unknown-linux-musl';
let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'codex-async-client-find-')));
});
afterEach(() => rmSync(root, { recursive: true }));

function file(...path: string[]): string {
  const name = join(root, ...path);
  mkdirSync(dirname(name), { recursive: true });
  writeFileSync(name, name.endsWith('package.json') ? '{"name":"@openai/codex","version":"0.0.0"}' : '');
  chmodSync(name, 0o755);
  return name;
}

function search(options: Partial<ExecutableSearch>): ExecutableSearch {
  return { env: {}, folders: [], platform: 'linux', arch: 'x64', ...options };
}

function find(options: Partial<ExecutableSearch>): string {
  return findExecutable(search(options)).file;
}

function messageOf(options: Partial<ExecutableSearch>): string {
  try {
    return find(options);
  } catch (error) {
    if (error instanceof SpawnError) return error.message;
    throw error;
  }
}

describe('an installed @openai/codex', () => {
  it.each(['bin', 'codex'])(
    'is found in its platform package, with the executable in vendor/TRIPLE/%s',
    (folder) => {
      file('node_modules/@openai/codex/package.json');
      file('node_modules/@openai/codex-linux-x64/package.json');
      const native = file('node_modules/@openai/codex-linux-x64/vendor', TRIPLE, folder, 'codex');
      expect(find({ folders: [join(root, 'deep/er')] })).toBe(native);
    },
  );

  it('prefers the newer layout', () => {
    file('node_modules/@openai/codex/package.json');
    file('node_modules/@openai/codex-linux-x64/package.json');
    file('node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'codex/codex');
    const native = file('node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'bin/codex');
    expect(find({ folders: [root] })).toBe(native);
  });

  it('is found in old versions that carry all executables themselves', () => {
    file('node_modules/@openai/codex/package.json');
    const native = file('node_modules/@openai/codex/vendor', TRIPLE, 'codex/codex');
    expect(find({ folders: [root] })).toBe(native);
  });

  it('is found through the links of pnpm, where the platform package is visible to codex only', () => {
    file('node_modules/.pnpm/codex/node_modules/@openai/codex/package.json');
    file('node_modules/.pnpm/codex/node_modules/@openai/codex-linux-x64/package.json');
    const native = file(
      'node_modules/.pnpm/codex/node_modules/@openai/codex-linux-x64/vendor',
      TRIPLE,
      'bin/codex',
    );
    mkdirSync(join(root, 'app/node_modules/@openai'), { recursive: true });
    symlinkSync(
      join(root, 'node_modules/.pnpm/codex/node_modules/@openai/codex'),
      join(root, 'app/node_modules/@openai/codex'),
    );
    expect(find({ folders: [join(root, 'app')] })).toBe(native);
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
    expect(find({ folders: [join(root, 'app.asar/dist')] })).toBe(unpacked);
  });

  it('is taken from the first folder that has one, and before PATH', () => {
    file('a/package.json');
    file('b/node_modules/@openai/codex/package.json');
    file('b/node_modules/@openai/codex-linux-x64/package.json');
    const native = file('b/node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'bin/codex');
    file('bin/codex');
    expect(find({ folders: [join(root, 'a'), join(root, 'b')], env: { PATH: join(root, 'bin') } })).toBe(
      native,
    );
  });

  it('is looked for anew each time', () => {
    expect(messageOf({ folders: [root] })).toContain('not installed');
    file('node_modules/@openai/codex/package.json');
    expect(messageOf({ folders: [root] })).toContain(
      'its platform package @openai/codex-linux-x64 is missing',
    );
    file('node_modules/@openai/codex-linux-x64/package.json');
    const native = file('node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'bin/codex');
    expect(find({ folders: [root] })).toBe(native);
  });

  it('is found here, from the folders that are searched by default', () => {
    const { file: found, origin } = findExecutable({ env: {} });
    expect(found).toMatch(/node_modules[\\/]@openai[\\/]codex-[\w-]+[\\/]vendor[\\/].*[\\/]codex(\.exe)?$/);
    expect(origin).toBe('from the installed package @openai/codex');
    expect(importFolders().at(-1)).toBe(process.cwd());
  });
});

describe('codex on PATH', () => {
  it('is the first executable file of that name; folders, plain files and relative entries do not count', () => {
    mkdirSync(join(root, 'one/codex'), { recursive: true });
    chmodSync(file('two/codex'), 0o644);
    const third = file('three/codex');
    file('four/codex');
    const PATH = [
      '',
      '.',
      'relative',
      ...['one', 'two', 'three', 'four'].map((name) => join(root, name)),
    ].join(':');
    expect(findExecutable(search({ env: { PATH } }))).toEqual({ file: third, origin: 'from PATH' });
  });

  it('that is npm launcher is replaced by the native executable behind it', () => {
    const launcher = file('lib/node_modules/@openai/codex/bin/codex.js');
    file('lib/node_modules/@openai/codex/package.json');
    file('lib/node_modules/@openai/codex/node_modules/@openai/codex-linux-x64/package.json');
    mkdirSync(join(root, 'bin'));
    symlinkSync(launcher, join(root, 'bin/codex'));
    const env = { PATH: join(root, 'bin') };
    expect(find({ env })).toBe(join(root, 'bin/codex'));
    const native = file(
      'lib/node_modules/@openai/codex/node_modules/@openai/codex-linux-x64/vendor',
      TRIPLE,
      'bin/codex',
    );
    expect(find({ env })).toBe(native);
  });

  it('.cmd EINVAL on Windows: the shim with an extension is taken, never the shell script beside it', () => {
    file('npm/codex');
    const shim = file('npm/codex.cmd');
    const windows = { platform: 'win32', env: { Path: `C:\\none;${join(root, 'npm')}` } };
    expect(find(windows)).toBe(shim);
    expect(find({ ...windows, codexPath: 'codex.cmd' })).toBe(shim);
  });

  it('on Windows the native executable behind the shim is taken', () => {
    file('npm/codex.cmd');
    file('npm/node_modules/@openai/codex/package.json');
    file('npm/node_modules/@openai/codex/node_modules/@openai/codex-win32-x64/package.json');
    const native = file(
      'npm/node_modules/@openai/codex/node_modules/@openai/codex-win32-x64/vendor/x86_64-pc-windows-msvc/bin/codex.exe',
    );
    expect(find({ platform: 'win32', env: { PATH: join(root, 'npm'), PATHEXT: '.EXE;.CMD' } })).toBe(native);
  });
});

describe('the option codexPath', () => {
  it('is a path from the current folder when it has a separator, whether the file exists or not', () => {
    expect(find({ codexPath: './bin/codex' })).toBe(resolve('bin/codex'));
    expect(find({ codexPath: '/opt/codex' })).toBe('/opt/codex');
  });

  it('is looked up on PATH when it is a bare name', () => {
    const nightly = file('bin/codex-nightly');
    expect(find({ codexPath: 'codex-nightly', env: { PATH: join(root, 'bin') } })).toBe(nightly);
  });
});

describe('without codex', () => {
  it('spawn codex ENOENT: the error lists what was tried and how to install', () => {
    file('b/node_modules/@openai/codex/package.json');
    const folders = [join(root, 'a'), join(root, 'b')];
    expect(messageOf({ folders, env: { PATH: '/secret/one:/secret/two' } })).toBe(
      [
        'Could not start codex: there is no codex executable. Tried:',
        `  - the package @openai/codex, imported from ${join(root, 'a')}: not installed`,
        `  - the package @openai/codex in ${join(root, 'b/node_modules/@openai/codex')}: its platform package @openai/codex-linux-x64 is missing (was it installed without optional dependencies?)`,
        '  - codex on PATH (2 folders): not found',
        'Install codex with `npm install @openai/codex` (into your project) or `npm install -g @openai/codex`, or say where it is with the option `codexPath`.',
      ].join('\n'),
    );
  });

  it('a platform that codex is not built for is named', () => {
    expect(messageOf({ platform: 'freebsd' })).toContain(
      'the package @openai/codex: it has no build for freebsd-x64',
    );
  });

  it.each([
    ['linux', 'x64', '@openai/codex-linux-x64', 'x86_64-unknown-linux-musl', 'codex'],
    ['linux', 'arm64', '@openai/codex-linux-arm64', 'aarch64-unknown-linux-musl', 'codex'],
    ['android', 'x64', '@openai/codex-linux-x64', 'x86_64-unknown-linux-musl', 'codex'],
    ['android', 'arm64', '@openai/codex-linux-arm64', 'aarch64-unknown-linux-musl', 'codex'],
    ['darwin', 'x64', '@openai/codex-darwin-x64', 'x86_64-apple-darwin', 'codex'],
    ['darwin', 'arm64', '@openai/codex-darwin-arm64', 'aarch64-apple-darwin', 'codex'],
    ['win32', 'x64', '@openai/codex-win32-x64', 'x86_64-pc-windows-msvc', 'codex.exe'],
    ['win32', 'arm64', '@openai/codex-win32-arm64', 'aarch64-pc-windows-msvc', 'codex.exe'],
  ])('%s on %s has the package %s', (platform, arch, packageName, triple, executable) => {
    expect(platformBuild(platform, arch)).toEqual({ packageName, triple, executable });
  });
});
