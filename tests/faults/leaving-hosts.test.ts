/** No codex outlives its host, however the host goes in the middle of a turn. Seen from outside, by pid. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gate, LocalModelProvider, text } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { runningOf } from '../helpers/processes.js';

const HOST = fileURLToPath(new URL('leaving-host.ts', import.meta.url));

test.each([
  ['calls process.exit()', 'exit', undefined, 0],
  ['throws an error nobody catches', 'throw', undefined, 1],
  ['has a rejection nobody handles', 'reject', undefined, 1],
  ['gets SIGTERM', 'wait', 'SIGTERM', null],
  ['gets SIGINT', 'wait', 'SIGINT', null],
  ['gets SIGKILL', 'wait', 'SIGKILL', null],
] as const)('L13 no codex is left when its host %s in the middle of a turn', async (_, how, signal, code) => {
  await using provider = await LocalModelProvider.start({ replies: [text('first', gate(), 'never')] });
  const argv = ['--import', 'tsx', HOST, how, JSON.stringify(provider.options)];
  const host = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(host, 'exit');
  const [line] = await once(createInterface(host.stdout), 'line');
  const pid = Number(line);
  if (signal !== undefined) {
    expect(await runningOf([pid], 'codex')).toHaveLength(1);
    host.kill(signal);
  }
  expect(await exited).toEqual([code, signal ?? null]);
  while ((await runningOf([pid], 'codex')).length > 0);
});
