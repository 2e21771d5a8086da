/** Looking a program up on `PATH`: what counts as a program, on POSIX and on Windows. */
import { chmodSync, mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findOnPath, pathFolders } from '../../../src/app-server/locate/path-lookup.js';
import { at, file, useFileTree } from './file-tree.js';

useFileTree();

describe('a program on PATH', () => {
  it('is the first executable file of that name; folders, plain files and relative entries do not count', () => {
    mkdirSync(at('one/codex'), { recursive: true });
    chmodSync(file('two/codex'), 0o644);
    const third = file('three/codex');
    file('four/codex');
    const PATH = ['', '.', 'relative', ...['one', 'two', 'three', 'four'].map((name) => at(name))].join(':');
    expect(findOnPath('codex', { PATH }, 'linux')).toBe(third);
  });

  it('.cmd EINVAL on Windows: the shim with an extension is taken, never the shell script beside it', () => {
    file('npm/codex');
    const shim = file('npm/codex.cmd');
    const env = { Path: `C:\\none;${at('npm')}` };
    expect(findOnPath('codex', env, 'win32')).toBe(shim);
    expect(findOnPath('codex.cmd', env, 'win32')).toBe(shim);
  });

  it('on Windows has one of the extensions of PATHEXT, in their order, whatever their case', () => {
    const [exe, cmd] = [file('npm/codex.exe'), file('npm/codex.cmd')];
    file('npm/codex');
    mkdirSync(at('npm/other.exe'));
    const find = (name: string, PATHEXT?: string) => findOnPath(name, { PATH: at('npm'), PATHEXT }, 'win32');
    expect(find('codex', '.CMD;.EXE')).toBe(cmd);
    expect(find('codex', '.eXe')).toBe(exe);
    expect(find('codex', ';;.CMD')).toBe(cmd);
    expect(find('codex', '.BAT')).toBeUndefined();
    expect(find('codex')).toBe(exe);
    expect(find('codex.EXE', '.COM')).toBeUndefined();
    expect(find('codex.cmd', '.eXe;.CmD')).toBe(cmd);
    expect(find('other', '.EXE')).toBeUndefined();
  });

  it.each(['.com', '.exe', '.bat', '.cmd'])(
    'on Windows may end in %s when nothing else is said',
    (extension) => {
      const program = file(`npm/codex${extension}`);
      expect(findOnPath('codex', { PATH: at('npm') }, 'win32')).toBe(program);
    },
  );

  it('on Windows needs no permission of POSIX', () => {
    const program = file('npm/codex.exe');
    chmodSync(program, 0o644);
    expect(findOnPath('codex', { PATH: at('npm') }, 'win32')).toBe(program);
  });

  it('on Windows may be in a folder that PATH has in quotes', () => {
    const program = file('Program Files/codex.exe');
    expect(findOnPath('codex', { PATH: `C:\\none;"${at('Program Files')}"` }, 'win32')).toBe(program);
    expect(pathFolders({ PATH: '"relative";"/a";"/b' }, 'win32')).toEqual(['/a']);
    expect(pathFolders({ PATH: '"/a"' }, 'linux')).toEqual([]);
  });

  it('is looked for in the absolute folders of PATH, as the platform separates them', () => {
    expect(pathFolders({ PATH: '/a:/b::c' }, 'linux')).toEqual(['/a', '/b']);
    expect(pathFolders({ Path: '/a;/b:c;;d' }, 'win32')).toEqual(['/a', '/b:c']);
  });

  it('is nowhere without a PATH', () => {
    expect(pathFolders({}, 'linux')).toEqual([]);
    expect(findOnPath('codex', {}, 'linux')).toBeUndefined();
  });
});
