/** Config objects that are handed over as arguments, as codex reads them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncClient } from 'codex-async-client';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { CONFIG, plain } from '../app-server/launch/any-config.js';

test('a hundred configs come back the same from codex', async () => {
  const codexHome = await mkdtemp(join(tmpdir(), 'codex-config-'));
  onTestFinished(() => rm(codexHome, { recursive: true, force: true, maxRetries: 5 }));
  // The layer of the command line is reported as it was read, unknown settings included.
  const configs = fc.sample(CONFIG, { numRuns: 100, seed: 1 });
  const config = Object.fromEntries(configs.map((entry, index) => [`probe_${index}`, { of: entry }]));
  await using client = await AsyncClient.start({ codexHome, config });
  const { layers } = await client.configRead({ includeLayers: true });
  const flags = layers?.find(({ name }) => name.type === 'sessionFlags');
  expect(flags?.config).toEqual(plain(config));
});
