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

  it('is nowhere without a PATH', () => {
    expect(pathFolders({}, 'linux')).toEqual([]);
    expect(findOnPath('codex', {}, 'linux')).toBeUndefined();
  });
});
