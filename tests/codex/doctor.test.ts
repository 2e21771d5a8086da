/** The doctor on the real codex: what people see, what programs read, and what it leaves alone. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROTOCOL_VERSION } from 'codex-async-client';
import { LocalModelProvider } from 'codex-async-client/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHECKS, type Finding } from '../../src/doctor/finding.js';
import { codeIn, codeSpans, readDocument, tableUnder } from '../docs/markdown.js';
import { programFile } from '../helpers/programs.js';

const PROGRAM = programFile('src/doctor/codex-async-client.ts');
/** A profile of nobody's: neither a slow one nor one that prints. */
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'codex-async-client-doctor-'));
  mkdirSync(join(home, '.codex'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** What is in codex's home. */
const put = (name: string, text: string) => writeFileSync(join(home, '.codex', name), text);

/** Runs the program for the user who lives there. */
function runDoctor(...args: string[]): Promise<{ exitCode: unknown; stdout: string; stderr: string }> {
  const env = { ...process.env, HOME: home, USERPROFILE: home, CODEX_HOME: join(home, '.codex') };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, 'doctor', ...args], { env }, (error, stdout, stderr) =>
      resolve({ exitCode: error?.code ?? 0, stdout, stderr }),
    );
  });
}

async function findings(): Promise<{
  exitCode: unknown;
  text: string;
  of: (check: string) => Finding | undefined;
}> {
  const { exitCode, stdout: text } = await runDoctor('--json');
  const report: { readonly checks: readonly Finding[] } = JSON.parse(text);
  expect(report.checks.map(({ check }) => check)).toEqual(CHECKS);
  return { exitCode, text, of: (check) => report.checks.find((finding) => finding.check === check) };
}

/** The settings of a provider that needs no login. */
const providerConfig = (baseUrl: string) =>
  [
    'model_provider = "ours"',
    '[model_providers.ours]',
    'name = "Ours"',
    `base_url = "${baseUrl}"`,
    'wire_api = "responses"',
  ].join('\n');

describe('a codex that works', () => {
  test('is a line for each check, and exit code 0; the user’s own model is not asked', async () => {
    await using provider = await LocalModelProvider.start();
    put('config.toml', providerConfig(provider.baseUrl));
    const { exitCode, stdout, stderr } = await runDoctor();
    expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    for (const check of CHECKS)
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^(ok|warn|skip) +${check}: `)));
    expect(lines).toContainEqual(expect.stringMatching(/^ok +home: ~.\.codex \(CODEX_HOME\)/));
    expect(lines).toContainEqual(
      expect.stringMatching(/^ok +turn: .* first delta \d+ ms, whole turn \d+ ms$/),
    );
    expect(lines.at(-1)).toMatch(/^(Nothing is wrong|0 failed, )/);
    expect(provider.requests).toEqual([]);
    expect(readdirSync(join(home, '.codex'))).not.toContain('sessions');
  });

  test('is told with its version, its times and its login as data', async () => {
    put('auth.json', JSON.stringify({ OPENAI_API_KEY: 'hidden-key-1234' }));
    const { exitCode, text, of } = await findings();
    expect(exitCode, text).toBe(0);
    expect(of('codex')).toMatchObject({ status: 'ok', details: { kind: 'native' } });
    expect(of('version')).toMatchObject({ status: 'ok', details: { version: PROTOCOL_VERSION } });
    expect(of('login')).toMatchObject({ status: 'ok', details: { account: 'apiKey' } });
    const { spawnMs, handshakeMs, threadStartMs, firstDeltaMs, turnMs } = of('turn')?.details ?? {};
    for (const time of [spawnMs, handshakeMs, threadStartMs, firstDeltaMs, turnMs])
      expect(time).toEqual(expect.any(Number));
    expect(Number(turnMs)).toBeGreaterThanOrEqual(Number(firstDeltaMs));
    expect(text).not.toContain('hidden');
    for (const [check, , details] of tableUnder(readDocument('.github/docs/doctor.md'), '## Checks'))
      expect(Object.keys(of(codeIn(check))?.details ?? {}), check).toEqual(codeSpans(details ?? ''));
  });
});

test('the page about it has a row for every check, in their order', () => {
  const rows = tableUnder(readDocument('.github/docs/doctor.md'), '## Checks');
  expect(rows.map(([check]) => codeIn(check))).toEqual(CHECKS);
});

describe('a codex that does not', () => {
  test('because nobody is logged in fails there, and exit code 1', async () => {
    const { exitCode, of } = await findings();
    expect(exitCode).toBe(1);
    expect(of('login')).toMatchObject({ status: 'fail', finding: 'not logged in' });
    expect(of('turn')?.status).toBe('ok');
  });

  test('read its configuration fails there with the place, and shows nothing of it', async () => {
    put('config.toml', '\napproval_policy = "hidden"\n');
    const { exitCode, text, of } = await findings();
    expect(exitCode).toBe(1);
    expect(of('config')).toMatchObject({
      status: 'fail',
      finding: expect.stringMatching(/config\.toml:2:\d+$/),
    });
    expect(text).not.toContain('hidden');
  });

  test('have a home fails in the handshake, and its scripted turn is ok', async () => {
    rmSync(join(home, '.codex'), { recursive: true });
    const { exitCode, of } = await findings();
    expect(exitCode).toBe(1);
    expect(of('home')?.status).toBe('fail');
    expect(of('handshake')?.status).toBe('fail');
    expect(of('version')).toMatchObject({ status: 'ok', details: { version: PROTOCOL_VERSION } });
    expect(of('turn')?.status).toBe('ok');
  });
});
