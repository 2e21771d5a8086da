/** The recipe of a web chat as a program that is read and started. What its users see is in `tests/long/web-chat.test.ts`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const recipe = (file: string) => new URL(`web-chat/${file}`, import.meta.url);

test.each([
  ['server.ts', 80],
  ['chats.ts', 80],
  ['page.html', 80],
])('%s is read on one screen: at most %i lines of 120 columns', (file, most) => {
  const lines = readFileSync(recipe(file), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(most);
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
});

test.skipIf(process.platform === 'win32')('the program serves until SIGTERM, and then ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'web-chat-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const argv = ['--import', 'tsx', fileURLToPath(recipe('server.ts')), join(folder, 'chats')];
  const env = { ...process.env, PORT: '0', CODEX_HOME: folder };
  const program = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void program.kill('SIGKILL'));
  const [line] = await once(createInterface(program.stdout), 'line');
  const origin = `http://127.0.0.1:${/^Port (\d+);/.exec(line)?.[1]}`;
  const headers = { cookie: 'user=ada' };
  expect((await fetch(`${origin}/view/index.js`, { headers })).status).toBe(200);
  const { body } = await fetch(`${origin}/events`, { headers });
  const { value } = (await body?.pipeThrough(new TextDecoderStream()).getReader().read()) ?? {};
  expect(value).toContain('event: snapshot\n');
  const form = {
    method: 'POST',
    headers: { ...headers, origin },
    body: new URLSearchParams({ text: 'Hi!' }),
  };
  const refused = await fetch(`${origin}/message`, form);
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('idempotencyKey')]);
  program.kill('SIGTERM');
  expect(await once(program, 'close')).toEqual([0, null]);
});
