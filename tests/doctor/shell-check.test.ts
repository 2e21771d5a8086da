/** Login shells: quick, slow, failing, absent. */
import { describe, expect, test } from 'vitest';
import { shellFinding } from '../../src/doctor/shell-check.js';
import { PATIENT, script, useStandIns } from './stand-ins.js';

useStandIns();

describe.skipIf(process.platform === 'win32')('a login shell', () => {
  test('that does nothing in no time is ok, and is asked for what codex asks it', async () => {
    const shell = script('[ "$*" = "-lc true" ]');
    expect(await shellFinding(PATIENT, shell)).toMatchObject({
      status: 'ok',
      details: { shell, isOver: true, exitCode: 0 },
    });
  });

  test('that takes longer than is good is a warning that says so', async () => {
    const finding = await shellFinding({ ...PATIENT, slowShellMs: 0 }, script('exit 0'));
    expect(finding).toMatchObject({ status: 'warn', advice: expect.stringContaining('profile') });
    expect(finding.finding).toMatch(/-lc true` took \d+ ms$/);
  });

  test('that does not end is ended', async () => {
    const finding = await shellFinding({ ...PATIENT, shellMs: 50 }, script('sleep 1000'));
    expect(finding).toMatchObject({ status: 'warn', details: { isOver: false } });
    expect(finding.finding).toContain('was not over within 50 ms');
  });

  test('that fails is a warning with its exit code', async () => {
    const finding = await shellFinding(PATIENT, script('exit 7'));
    expect(finding).toMatchObject({ status: 'warn', details: { exitCode: 7 } });
  });

  test('that cannot be started is a warning', async () => {
    const finding = await shellFinding(PATIENT, '/nowhere/sh');
    expect(finding).toMatchObject({ status: 'warn', finding: '/nowhere/sh cannot be started' });
  });
});
