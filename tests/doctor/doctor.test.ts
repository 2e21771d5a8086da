/** What is looked at, in which order, and what is not looked at any more after a failure. */
import { describe, expect, test } from 'vitest';
import { examine } from '../../src/doctor/doctor.js';
import { CHECKS } from '../../src/doctor/finding.js';
import { LOGGED_OUT } from './conversations.js';
import { all, PATIENT, statuses, tableStandIn, useStandIns } from './stand-ins.js';

useStandIns();

/** Of the shell and the home of whoever runs the tests nothing is known. */
const known = (line: string) => !/^(home|shell) /.test(line);
const LIMITS = { ...PATIENT, shellMs: 1 };

test('without codex nothing is looked at that needs one', async () => {
  const findings = await all(examine({ codexPath: '/nowhere/codex', limits: LIMITS }));
  expect(findings.map(({ check }) => check)).toEqual(CHECKS);
  expect(statuses(findings).filter(known)).toEqual([
    'runtime ok',
    'environment ok',
    'codex fail',
    'handshake skip',
    'version skip',
    'config skip',
    'login skip',
    'turn skip',
    'sandbox skip',
  ]);
});

describe.skipIf(process.platform === 'win32')('with codex', () => {
  test('every check is made once, in order, and each failure is told', async () => {
    const codexPath = tableStandIn({ 'account/read': LOGGED_OUT });
    const findings = await all(examine({ codexPath, limits: LIMITS }));
    expect(findings.map(({ check }) => check)).toEqual(CHECKS);
    expect(statuses(findings).filter(known)).toEqual([
      'runtime ok',
      'environment ok',
      'codex ok',
      'handshake ok',
      'version ok',
      'config ok',
      'login fail',
      'turn fail',
      'sandbox warn',
    ]);
  });

  test('nothing that is found has a key, an address or the folder of the user in it', async () => {
    const said = {
      method: 'configWarning',
      params: { summary: 'sk-abcdefgh12345678 a@b.cd', details: null },
    };
    const codexPath = tableStandIn({ 'account/read': LOGGED_OUT }, [said]);
    const config = (await all(examine({ codexPath, limits: LIMITS }))).find(
      ({ check }) => check === 'config',
    );
    expect(config?.finding).toBe('[masked] [address]');
  });

  test('whoever stops looking ends the server', async () => {
    const codexPath = tableStandIn({});
    const seen: string[] = [];
    for await (const { check } of examine({ codexPath, limits: LIMITS })) {
      seen.push(check);
      if (check === 'handshake') break;
    }
    expect(seen).toEqual(['runtime', 'environment', 'codex', 'home', 'handshake']);
  });
});
