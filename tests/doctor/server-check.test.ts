/** A server with the user's own home: servers that come up, and those that do not. */
import { describe, expect, test } from 'vitest';
import { serverFindings } from '../../src/doctor/server-check.js';
import { handshake, LOGGED_OUT } from './conversations.js';
import { all, PATIENT, SHORT, script, standIn, statuses, tableStandIn, useStandIns } from './stand-ins.js';

useStandIns();

const found = (codexPath: string, limits = SHORT) => all(serverFindings({ codexPath, limits }));

describe.skipIf(process.platform === 'win32')('a server', () => {
  test('that comes up is asked for its version, its warnings and the login', async () => {
    const codex = tableStandIn({ 'account/read': { account: { type: 'apiKey' }, requiresOpenaiAuth: true } });
    const findings = await found(codex, PATIENT);
    expect(statuses(findings)).toEqual(['handshake ok', 'version ok', 'config ok', 'login ok']);
    expect(findings[0]?.details).toEqual({ spawnMs: expect.any(Number), tookMs: expect.any(Number) });
    expect(findings[1]?.details).toMatchObject({ version: '0.169.0' });
  });

  test('that nobody is logged in to fails there', async () => {
    const findings = await found(tableStandIn({ 'account/read': LOGGED_OUT }), PATIENT);
    expect(statuses(findings)).toEqual(['handshake ok', 'version ok', 'config ok', 'login fail']);
  });

  test('that is too old fails by its version, and is asked all the same', async () => {
    const codex = tableStandIn({ initialize: handshake('0.98.0') });
    const findings = await found(codex, PATIENT);
    expect(statuses(findings)).toEqual(['handshake ok', 'version fail', 'config ok', 'login warn']);
    expect(findings[1]?.finding).toBe('codex 0.98.0 is too old');
  });

  test('that exits in the handshake shows its last words, and its version', async () => {
    const findings = await found(standIn('exits-in-handshake', [], '0.168.0'), PATIENT);
    expect(statuses(findings)).toEqual(['handshake fail', 'version ok', 'config skip', 'login skip']);
    const [handshakeFinding, version] = findings;
    expect(handshakeFinding?.finding).toContain('exited with code 3');
    expect(JSON.stringify(handshakeFinding)).toContain('the database is locked');
    expect(version?.details).toMatchObject({ version: '0.168.0' });
  });

  test('that refuses the handshake says why', async () => {
    const [finding] = await found(standIn('refuses-handshake'), PATIENT);
    expect(finding).toMatchObject({ status: 'fail', finding: expect.stringContaining('no configuration') });
  });

  test('that never answers is given up', async () => {
    const findings = await found(standIn('never-answers'));
    expect(statuses(findings)).toEqual(['handshake fail', 'version ok', 'config skip', 'login skip']);
    expect(findings[0]?.finding).toBe('codex did not answer within 400 ms');
  });

  test('that does not say who is logged in, in time, fails there', async () => {
    const codex = script(
      `exec '${process.execPath}' -e '
        let text = "";
        process.stdin.on("data", (chunk) => {
          const { id, method } = JSON.parse(String(chunk).split("\\n")[0]);
          if (method === "initialize") console.log(JSON.stringify({ id, result: ${JSON.stringify(handshake('0.169.0'))} }));
        });'`,
    );
    const findings = await found(codex, { ...PATIENT, answerMs: 100 });
    expect(statuses(findings)).toEqual(['handshake ok', 'version ok', 'config ok', 'login fail']);
    expect(findings[3]?.finding).toContain('account/read');
  });

  test('that cannot be started says so', async () => {
    const [finding] = await found(script('', 0o644), PATIENT);
    expect(finding).toMatchObject({ status: 'fail', details: { code: 'CODEX_SPAWN' } });
    // Its home has nothing to do with it.
    expect(finding?.advice).toBeUndefined();
  });
});
