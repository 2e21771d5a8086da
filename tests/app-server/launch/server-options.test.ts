/** The names of the options, as they are promised. */
import { describe, expect, it } from 'vitest';
import { APP_SERVER_OPTION_NAMES } from '../../../src/app-server/launch/server-options.js';
import { DEFAULT_SHUTDOWN_GRACE_MS } from '../../../src/support/defaults.js';

describe('server options', () => {
  it('have these names and this default', () => {
    expect(APP_SERVER_OPTION_NAMES).toEqual([
      'codexPath',
      'args',
      'command',
      'cwd',
      'env',
      'codexHome',
      'config',
      'shutdownGraceMs',
    ]);
    expect(DEFAULT_SHUTDOWN_GRACE_MS).toBe(2_000);
  });
});
