/**
 * What this package does on macOS and on Windows, as far as it decides itself: on a system of POSIX, by a host that takes
 * it for the other one. How the other system behaves is not shown.
 */
import { describe, expect, test } from 'vitest';
import { untilGone } from '../app-server/processes.js';
import { runHost } from './hosts.js';
import type { PlatformReport } from './platform-host.js';

const HOST = 'platform-host.ts';

describe.skipIf(process.platform === 'win32')('a host on', () => {
  test.each([
    ['darwin', true, { Host_Name: 'old', HOST_NAME: 'new' }],
    ['win32', false, { Host_Name: null, HOST_NAME: 'new' }],
  ])('L13 %s: leads a group %s, and no server outlives its host', async (platform, leadsGroup, env) => {
    const report = await runHost<PlatformReport>(HOST, [platform]);
    expect(report).toMatchObject({ leadsGroup, env, ends: [0, 'SIGTERM', 'SIGKILL'] });
    await untilGone(report.pid);
  });
});
