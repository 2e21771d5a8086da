/** Which codex is run: the option, an installed package, `PATH`, and what the error lists when there is none. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type ExecutableSearch,
  findExecutable,
  INSTALL_HINT,
  importFolders,
  placesOf,
} from '../../../src/app-server/locate/find-executable.js';
import { SpawnError } from '../../../src/support/errors.js';
import { at, file, TRIPLE, useFileTree } from './file-tree.js';

useFileTree();

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
  it('is taken from the first folder that has one, and before PATH', () => {
    file('a/package.json');
    file('b/node_modules/@openai/codex/package.json');
    file('b/node_modules/@openai/codex-linux-x64/package.json');
    const native = file('b/node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'bin/codex');
    file('bin/codex');
    expect(find({ folders: [at('a'), at('b')], env: { PATH: at('bin') } })).toBe(native);
  });

  it.each([
    ['linux', 'arm64', 'codex-linux-arm64', 'aarch64-unknown-linux-musl/bin/codex'],
    ['darwin', 'x64', 'codex-darwin-x64', 'x86_64-apple-darwin/bin/codex'],
    ['darwin', 'arm64', 'codex-darwin-arm64', 'aarch64-apple-darwin/bin/codex'],
    ['win32', 'x64', 'codex-win32-x64', 'x86_64-pc-windows-msvc/bin/codex.exe'],
    ['win32', 'arm64', 'codex-win32-arm64', 'aarch64-pc-windows-msvc/bin/codex.exe'],
  ])('is that of the platform, among others: %s on %s', (platform, arch, name, path) => {
    file('node_modules/@openai/codex/package.json');
    file('node_modules/@openai/codex-linux-x64/package.json');
    file('node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'bin/codex');
    file('node_modules/@openai', name, 'package.json');
    const native = file('node_modules/@openai', name, 'vendor', path);
    expect(find({ platform, arch, folders: [at()], env: { PATH: at() } })).toBe(native);
  });

  it('is looked for anew each time', () => {
    expect(messageOf({ folders: [at()] })).toContain('not installed');
    file('node_modules/@openai/codex/package.json');
    expect(messageOf({ folders: [at()] })).toContain(
      'its platform package @openai/codex-linux-x64 is missing',
    );
    file('node_modules/@openai/codex-linux-x64/package.json');
    const native = file('node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'bin/codex');
    expect(find({ folders: [at()] })).toBe(native);
  });

  it('is found here, from the folders that are searched by default', () => {
    const { file: found, origin } = findExecutable({ env: {} });
    expect(found).toMatch(/node_modules[\\/]@openai[\\/]codex-[\w-]+[\\/]vendor[\\/].*[\\/]codex(\.exe)?$/);
    expect(origin).toBe('from the installed package @openai/codex');
    expect(importFolders().at(-1)).toBe(process.cwd());
  });
});

describe('the folders that are searched by default', () => {
  const argv = [...process.argv];
  afterEach(() => {
    process.argv = [...argv];
  });

  it('are that of the main script behind its links, that of this package, and the current one', () => {
    const script = file('app/tool.js');
    mkdirSync(at('bin'));
    symlinkSync(script, at('bin/tool'));
    process.argv[1] = at('bin/tool');
    const own = resolve('src/app-server/locate');
    expect(importFolders()).toEqual([at('app'), own, process.cwd()]);
    process.argv[1] = 'src/app-server/locate/nothing.js';
    expect(importFolders()).toEqual([own, process.cwd()]);
    process.argv = [process.execPath];
    expect(importFolders()).toEqual([own, process.cwd()]);
  });

  it('do not have the current one when that was removed', () => {
    const cwd = process.cwd();
    vi.spyOn(process, 'cwd').mockImplementation(() => {
      throw new Error('ENOENT: no such file or directory, uv_cwd');
    });
    const folders = importFolders();
    vi.restoreAllMocks();
    expect(folders.length).toBeGreaterThan(0);
    expect(folders).not.toContain(cwd);
  });
});

describe('codex on PATH', () => {
  it('is taken when no package is installed', () => {
    const program = file('bin/codex');
    expect(findExecutable(search({ env: { PATH: at('bin') } }))).toEqual({
      file: program,
      origin: 'from PATH',
    });
  });

  it('that is npm launcher is replaced by the native executable behind it', () => {
    const launcher = file('lib/node_modules/@openai/codex/bin/codex.js');
    file('lib/node_modules/@openai/codex/package.json');
    file('lib/node_modules/@openai/codex/node_modules/@openai/codex-linux-x64/package.json');
    mkdirSync(at('bin'));
    symlinkSync(launcher, at('bin/codex'));
    const env = { PATH: at('bin') };
    expect(find({ env })).toBe(at('bin/codex'));
    const native = file(
      'lib/node_modules/@openai/codex/node_modules/@openai/codex-linux-x64/vendor',
      TRIPLE,
      'bin/codex',
    );
    expect(find({ env })).toBe(native);
  });

  it('on Windows the native executable behind the shim is taken', () => {
    file('npm/codex.cmd');
    file('npm/node_modules/@openai/codex/package.json');
    file('npm/node_modules/@openai/codex/node_modules/@openai/codex-win32-x64/package.json');
    const native = file(
      'npm/node_modules/@openai/codex/node_modules/@openai/codex-win32-x64/vendor/x86_64-pc-windows-msvc/bin/codex.exe',
    );
    expect(find({ platform: 'win32', env: { PATH: at('npm'), PATHEXT: '.EXE;.CMD' } })).toBe(native);
  });
});

describe('the places', () => {
  it('are looked at one by one, and those behind the one that is taken are told, too', () => {
    file('b/node_modules/@openai/codex/package.json');
    file('b/node_modules/@openai/codex-linux-x64/package.json');
    const native = file('b/node_modules/@openai/codex-linux-x64/vendor', TRIPLE, 'bin/codex');
    const other = file('bin/codex');
    const places = placesOf(search({ folders: [at('a'), at('b')], env: { PATH: at('bin') } }));
    expect([...places]).toEqual([
      { place: `the package @openai/codex, imported from ${at('a')}`, problem: 'not installed' },
      {
        place: `the package @openai/codex in ${at('b/node_modules/@openai/codex')}`,
        file: native,
        origin: 'from the installed package @openai/codex',
        launcher: undefined,
      },
      { place: 'codex on PATH (1 folder)', file: other, origin: 'from PATH', launcher: undefined },
    ]);
  });

  it('name the launcher that an executable stands behind', () => {
    const launcher = file('lib/node_modules/@openai/codex/bin/codex.js');
    file('lib/node_modules/@openai/codex/package.json');
    const native = file('lib/node_modules/@openai/codex/vendor', TRIPLE, 'bin/codex');
    mkdirSync(at('bin'));
    symlinkSync(launcher, at('bin/codex'));
    const [place] = placesOf(search({ env: { PATH: at('bin') } }));
    expect(place).toMatchObject({ file: native, launcher: at('bin/codex') });
  });

  it('are one with the option codexPath', () => {
    expect([...placesOf(search({ codexPath: '/opt/codex', env: { PATH: at('bin') } }))]).toEqual([
      {
        place: 'options.codexPath',
        file: '/opt/codex',
        origin: 'from options.codexPath',
        launcher: undefined,
      },
    ]);
  });
});

describe('the option codexPath', () => {
  it('is a path from the current folder when it has a separator, whether the file exists or not', () => {
    expect(find({ codexPath: './bin/codex' })).toBe(resolve('bin/codex'));
    expect(find({ codexPath: '/opt/codex' })).toBe('/opt/codex');
    expect(find({ codexPath: '.\\codex' })).toBe(resolve('.\\codex'));
    file('bin/codex');
    expect(find({ codexPath: 'bin/codex', env: { PATH: at() } })).toBe(resolve('bin/codex'));
  });

  it.each([
    ['', '0 folders'],
    ['/one', '1 folder'],
    ['/one:/two', '2 folders'],
  ])('that is a bare name and not on a PATH of "%s" is an error that says how to go on', (PATH, count) => {
    expect(messageOf({ codexPath: 'my-codex', env: { PATH } })).toBe(
      `Could not start codex: codexPath is "my-codex", and no program of that name is on PATH (${count}). For a file in the current folder write "./my-codex". ${INSTALL_HINT}`,
    );
  });

  it('says in the origin that it was given', () => {
    const origin = 'from options.codexPath';
    expect(findExecutable(search({ codexPath: '/opt/codex' })).origin).toBe(origin);
    file('bin/codex-nightly');
    const found = findExecutable(search({ codexPath: 'codex-nightly', env: { PATH: at('bin') } }));
    expect(found.origin).toBe(origin);
  });

  it('is looked up on PATH when it is a bare name', () => {
    const nightly = file('bin/codex-nightly');
    expect(find({ codexPath: 'codex-nightly', env: { PATH: at('bin') } })).toBe(nightly);
  });
});

describe('without codex', () => {
  it('spawn codex ENOENT: the error lists what was tried and how to install', () => {
    file('b/node_modules/@openai/codex/package.json');
    const folders = [at('a'), at('b')];
    expect(messageOf({ folders, env: { PATH: '/secret/one:/secret/two' } })).toBe(
      [
        'Could not start codex: there is no codex executable. Tried:',
        `  - the package @openai/codex, imported from ${at('a')}: not installed`,
        `  - the package @openai/codex in ${at('b/node_modules/@openai/codex')}: its platform package @openai/codex-linux-x64 is missing (was it installed without optional dependencies?)`,
        '  - codex on PATH (2 folders): not found',
        'Install codex with `npm install @openai/codex` (into your project) or `npm install -g @openai/codex`, or say where it is with `options.codexPath`.',
      ].join('\n'),
    );
  });

  it('a platform that codex is not built for takes the one on PATH as it is', () => {
    const program = file('bin/codex');
    expect(find({ platform: 'freebsd', env: { PATH: at('bin') } })).toBe(program);
  });

  it('a platform that codex is not built for is named', () => {
    expect(messageOf({ platform: 'freebsd' })).toContain(
      'the package @openai/codex: it has no build for freebsd-x64',
    );
  });
});
