/** The package, the runtime and the system. */
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { runtimeFinding } from '../../src/doctor/runtime-check.js';

test('this one is ok, and says all versions', () => {
  const { status, finding, details } = runtimeFinding();
  expect(status).toBe('ok');
  expect(finding).toContain(`codex-async-client ${packageJson.version}, Node.js ${process.versions.node}, `);
  expect(details).toMatchObject({
    package: packageJson.version,
    platform: process.platform,
    arch: process.arch,
  });
});

test.each([
  ['Bun', { node: '18.0.0', bun: '1.2.3' }, '1.2.3'],
  ['Deno', { node: '18.0.0', deno: '2.3.4' }, '2.3.4'],
])('%s is named, and not the Node.js that it stands for', (runtime, versions, version) => {
  expect(runtimeFinding(versions)).toMatchObject({ status: 'ok', details: { runtime, version } });
});

test('a Node.js that is older than the package says fails', () => {
  expect(packageJson.engines.node).toBe('>=20.19');
  expect(runtimeFinding({ node: '20.18.9' })).toMatchObject({
    status: 'fail',
    advice: expect.stringContaining('20.19'),
  });
  expect(runtimeFinding({ node: '20.19.0' })).toMatchObject({ status: 'ok', advice: undefined });
});
