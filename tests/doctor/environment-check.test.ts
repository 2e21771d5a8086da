/** Variables that change what codex does, by name alone. */
import { expect, test } from 'vitest';
import { environmentFinding } from '../../src/doctor/environment-check.js';

test('names proxies and variables of codex, and shows no value', () => {
  const env = {
    https_proxy: 'http://me:hidden@proxy:1',
    NO_PROXY: 'hidden',
    CODEX_HOME: '/hidden',
    OPENAI_API_KEY: 'hidden',
    ALL_PROXY: '',
    PATH: '/hidden',
  };
  const finding = environmentFinding(env);
  expect(finding.details).toEqual({ variables: ['CODEX_HOME', 'NO_PROXY', 'OPENAI_API_KEY', 'https_proxy'] });
  expect(finding.finding).toContain('CODEX_HOME, NO_PROXY, OPENAI_API_KEY, https_proxy');
  expect(JSON.stringify(finding)).not.toContain('hidden');
});

test('says that none is set', () => {
  expect(environmentFinding({ PATH: '/bin' })).toMatchObject({ status: 'ok', details: { variables: [] } });
});
