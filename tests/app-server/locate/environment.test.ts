/** Reading a variable by the rule of a platform. */
import { describe, expect, it } from 'vitest';
import { comparableName, readVariable } from '../../../src/app-server/locate/environment.js';

describe('a variable', () => {
  it('is found on Windows whatever the case of its name, and nowhere else', () => {
    const parent = { Path: 'old', A: '1' };
    expect(readVariable(parent, 'PATH', 'win32')).toBe('old');
    expect(readVariable(parent, 'PATH', 'linux')).toBeUndefined();
    expect(readVariable(parent, 'A', 'linux')).toBe('1');
    expect(readVariable({ pAth: 'other' }, 'PaTH', 'win32')).toBe('other');
    expect(readVariable(parent, 'B', 'win32')).toBeUndefined();
  });

  it('has names that are compared without case on Windows alone', () => {
    expect(comparableName('Path', 'win32')).toBe(comparableName('PATH', 'win32'));
    expect(comparableName('Path', 'linux')).toBe('Path');
  });
});
