/** The scripted turn where codex does not do its part; `tests/codex` has the real one. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { trialFindings } from '../../src/doctor/trial-check.js';
import { PATIENT, SHORT, script, standIn, statuses, tableStandIn, useStandIns } from './stand-ins.js';

useStandIns();

describe.skipIf(process.platform === 'win32')('a codex', () => {
  test('that starts no thread fails there, and its sandbox is looked at all the same', async () => {
    const codexPath = tableStandIn({ 'command/exec': { exitCode: 0, stdout: 'ran\n', stderr: '' } });
    const findings = await trialFindings({ codexPath, limits: PATIENT });
    expect(statuses(findings)).toEqual(['turn fail', 'sandbox ok']);
    expect(findings[0]?.finding).toContain('thread/start is refused');
  });

  test('that exits in the handshake fails with its last words', async () => {
    const findings = await trialFindings({ codexPath: standIn('exits-in-handshake'), limits: PATIENT });
    expect(statuses(findings)).toEqual(['turn fail', 'sandbox skip']);
    expect(JSON.stringify(findings[0])).toContain('the database is locked');
  });

  test('that never answers is given up', async () => {
    const findings = await trialFindings({ codexPath: standIn('never-answers'), limits: SHORT });
    expect(statuses(findings)).toEqual(['turn fail', 'sandbox skip']);
    expect(findings[0]?.finding).toContain('400 ms');
  });

  test('has a temporary home, and that is gone', async () => {
    const codexPath = script('echo "home: $CODEX_HOME." >&2; exit 4');
    const [finding] = await trialFindings({ codexPath, limits: PATIENT });
    const [, home = ''] = /home: (\/[^.]+)\./.exec(JSON.stringify(finding)) ?? [];
    expect(home).toContain('codex-async-client-');
    expect(existsSync(home)).toBe(false);
  });
});
