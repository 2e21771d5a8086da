/** Which versions are supported, and what an executable says of its own. */
import { describe, expect, test } from 'vitest';
import { OLDEST_SERVER_VERSION } from '../../src/client/server-info.js';
import { versionFinding, versionOfProgram } from '../../src/doctor/version-check.js';
import { PROTOCOL_VERSION } from '../../src/protocol/generated.js';
import { PATIENT, script, useStandIns } from './stand-ins.js';

useStandIns();

describe('a version', () => {
  test.each([
    [PROTOCOL_VERSION, 'ok', 'as the types'],
    [OLDEST_SERVER_VERSION, 'ok', `the types are those of ${PROTOCOL_VERSION}`],
    ['99.0.0', 'ok', 'newer than the types'],
    ['0.0.0', 'ok', 'a build from source'],
    ['0.98.0', 'fail', 'codex 0.98.0 is too old'],
    [undefined, 'warn', 'does not tell its version'],
  ])('%s is %s: %s', (version, status, text) => {
    const finding = versionFinding(version);
    expect(finding.status).toBe(status);
    expect(finding.finding).toContain(text);
    expect(finding.details).toEqual({
      version: version ?? null,
      oldest: OLDEST_SERVER_VERSION,
      types: PROTOCOL_VERSION,
    });
  });
});

describe.skipIf(process.platform === 'win32')('an executable', () => {
  test('is asked for its version', async () => {
    const file = script('[ "$*" = --version ] && echo "codex-cli 0.170.1-alpha.2"');
    expect(await versionOfProgram(file, PATIENT)).toBe('0.170.1-alpha.2');
  });

  test('that says none, or cannot be started, has none', async () => {
    expect(await versionOfProgram(script('echo hello'), PATIENT)).toBeUndefined();
    expect(await versionOfProgram(script('', 0o644), PATIENT)).toBeUndefined();
  });

  test('that does not end is not waited for', async () => {
    const file = script('exec sleep 1000');
    expect(await versionOfProgram(file, { ...PATIENT, programMs: 50 })).toBeUndefined();
  });
});
