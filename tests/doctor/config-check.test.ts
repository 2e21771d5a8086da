/** What codex says of its configuration. */
import type { AsyncClient } from 'codex-async-client';
import { expect, test } from 'vitest';
import { configFinding } from '../../src/doctor/config-check.js';
import { startScripted } from '../helpers/scripted.js';

const SILENCE_MS = 20;

const warning = (params: object) => ({ method: 'configWarning', params });
/** A client whose server has said all this. */
async function saying(...said: object[]): Promise<AsyncClient> {
  const client = await startScripted('answers-from-table', ['{"account/read":{}}', JSON.stringify(said)]);
  await client.accountRead();
  return client;
}

test('nothing is ok', async () => {
  await using client = await saying();
  expect(await configFinding(client, SILENCE_MS)).toMatchObject({ status: 'ok', details: { warnings: [] } });
});

test('a file that cannot be read fails, with its place, and nothing that is in it', async () => {
  const range = { start: { line: 3, column: 9 }, end: { line: 3, column: 12 } };
  const broken = {
    summary: 'Invalid configuration; using defaults.',
    details: 'hidden',
    path: '/c.toml',
    range,
  };
  await using client = await saying(warning(broken));
  const finding = await configFinding(client, SILENCE_MS);
  expect(finding).toMatchObject({
    status: 'fail',
    finding: 'Invalid configuration; using defaults. /c.toml:3:9',
    advice: expect.stringContaining('without your settings'),
    details: { warnings: [{ summary: 'Invalid configuration; using defaults.', place: '/c.toml:3:9' }] },
  });
  expect(JSON.stringify(finding)).not.toContain('hidden');
});

test('other warnings are told by their first lines, each in a line of its own', async () => {
  await using client = await saying(
    warning({ summary: 'No bubblewrap.', details: null }),
    warning({ summary: 'One setting is ignored.\n  hidden', details: null, path: '/c.toml' }),
  );
  const finding = await configFinding(client, SILENCE_MS);
  expect(finding).toMatchObject({
    status: 'warn',
    finding: 'No bubblewrap.',
    notes: ['One setting is ignored. /c.toml'],
  });
  expect(JSON.stringify(finding)).not.toContain('hidden');
});

test('a server that always has one more is not listened to for ever', async () => {
  await using client = await saying(
    ...Array.from({ length: 50 }, () => warning({ summary: 'x', details: null })),
  );
  const finding = await configFinding(client, SILENCE_MS);
  expect(finding.details?.['warnings']).toHaveLength(20);
});
