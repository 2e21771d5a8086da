/** The options a provider gives are options of the client, and what a program adds to them is kept. */
import { existsSync, readdirSync } from 'node:fs';
import { LocalModelProvider, type LocalProviderOptions } from 'codex-async-client/testing';
import { afterEach, expect, expectTypeOf, test, vi } from 'vitest';
import type { AppServerOptions } from '../../../src/app-server/launch/server-options.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('the options fit where the options of a server go', () => {
  expectTypeOf<LocalProviderOptions>().toExtend<AppServerOptions>();
});

test('the given config is merged table by table over the provider’s', async () => {
  const config = { model_reasoning_summary: 'auto', features: { multi_agent_v2: true, plugins: true } };
  await using provider = await LocalModelProvider.start({ config });
  expect(provider.options.config).toMatchObject({
    model_provider: 'local',
    model_providers: { local: { base_url: provider.baseUrl, wire_api: 'responses' } },
    model_reasoning_summary: 'auto',
    features: { multi_agent_v2: true, plugins: true, apps: false },
  });
});

test.each([
  ['', '127.0.0.1'],
  ['example.com', 'example.com,127.0.0.1'],
])('the loopback address is added to the hosts without a proxy (%j)', async (before, after) => {
  vi.stubEnv('NO_PROXY', before);
  await using provider = await LocalModelProvider.start();
  expect(provider.options.env).toMatchObject({ NO_PROXY: after, no_proxy: after });
});

test.each([
  ['a temporary home of codex', {}],
  ['one that is given', { codexHome: process.cwd() }],
])('with %s what codex runs has an empty home of its own, which is gone after close', async (_, given) => {
  const provider = await LocalModelProvider.start(given);
  const home = provider.options.env['HOME'] ?? '';
  expect(readdirSync(home)).toEqual([]);
  await provider.close();
  expect(existsSync(home)).toBe(false);
});

test('every provider has a home and a port of its own', async () => {
  await using one = await LocalModelProvider.start();
  await using other = await LocalModelProvider.start();
  expect(one.baseUrl).not.toBe(other.baseUrl);
  expect(one.options.codexHome).not.toBe(other.options.codexHome);
  expect(one.options.env['HOME']).not.toBe(other.options.env['HOME']);
});
