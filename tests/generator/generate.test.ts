/** What `npm run generate` says on a machine without a codex executable. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'generate-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('npm run generate prints one line on stderr, writes nothing and exits with 1', () => {
  const copy = join(folder, 'src');
  for (const room of ['generator', 'protocol'])
    cpSync(join(SOURCE, room), join(copy, room), {
      recursive: true,
      filter: (path) => !path.endsWith('generated.ts'),
    });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const args = ['--import', import.meta.resolve('tsx'), join(copy, 'generator', 'generate.ts')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: 'cannot generate the protocol types: @openai/codex is not installed; run `npm ci`\n',
  });
  expect(readdirSync(join(copy, 'protocol'))).not.toContain('generated.ts');
});
