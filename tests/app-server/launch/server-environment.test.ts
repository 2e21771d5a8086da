/** What the environment of a server is made of. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergeEnvironment, serverEnvironment } from '../../../src/app-server/launch/server-environment.js';

describe('the environment of the server', () => {
  it('is that of the parent with the additions over it, without those that are undefined', () => {
    expect(mergeEnvironment({ A: '1', B: '2', C: undefined }, { B: undefined, D: '4' }, 'linux')).toEqual({
      A: '1',
      D: '4',
    });
  });

  it('knows no case in names on Windows', () => {
    const parent = { Path: 'old', A: '1' };
    expect(mergeEnvironment(parent, { PATH: 'new' }, 'win32')).toEqual({ PATH: 'new', A: '1' });
    expect(mergeEnvironment(parent, { path: undefined }, 'win32')).toEqual({ A: '1' });
    expect(mergeEnvironment(parent, { PATH: 'new' }, 'linux')).toEqual({ Path: 'old', PATH: 'new', A: '1' });
  });

  it('has an absolute CODEX_HOME, since codex would count a relative one from its own folder', () => {
    expect(serverEnvironment({ codexHome: 'home' })['CODEX_HOME']).toBe(resolve('home'));
  });

  it('is the one of this process without options', () => {
    expect(serverEnvironment({})).toEqual(process.env);
  });
});
