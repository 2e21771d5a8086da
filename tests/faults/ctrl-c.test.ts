/** The lines of the guide that make a clean Ctrl-C, run as they are by a host that gets one as a terminal sends it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { gate, LocalModelProvider, text } from 'codex-async-client/testing';
import { transformSync } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { isRunning } from '../app-server/processes.js';
import { codeBlocks, readDocument } from '../docs/markdown.js';
import { compiledCopy } from '../helpers/programs.js';

const LINES = codeBlocks(readDocument('.github/docs/ctrl-c.md'), 'ts').find(({ code }) =>
  code.includes('SIGINT'),
)?.code;

/** What the guide takes for granted; the first line on stderr is the server's pid. */
const program = (options: object) => `
import { AsyncClient } from 'codex-async-client';
const client = await AsyncClient.start(${JSON.stringify(options)});
const { thread } = await client.threadStart();
const threadId = thread.id;
console.error(client.pid);
${LINES}`;

/** The program in a file that is gone after the test, where the package is found under its name. */
function written(source: string): string {
  const folder = mkdtempSync(join(compiledCopy(), 'ctrl-c-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'program.mjs');
  writeFileSync(file, transformSync(source, { loader: 'ts', target: 'node20' }).code);
  return file;
}

/** A host that leads a process group, as every program does that a shell starts on a terminal. */
function startHost(file: string) {
  const host = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(() => void host.kill('SIGKILL'));
  return host;
}

test('L13 the guide: a Ctrl-C interrupts the running turn, the loop ends, and the host exits with code 130', async () => {
  await using provider = await LocalModelProvider.start();
  provider.enqueue(text('one ', 'two ', gate(), 'never'));
  const host = startHost(written(program(provider.options)));
  const exited = once(host, 'exit');
  const stderr = textOf(host.stderr);
  let said = '';
  for await (const chunk of host.stdout.setEncoding('utf8')) {
    said += chunk;
    // What a terminal does at Ctrl-C: everybody in the foreground group gets the signal.
    if (said === 'one two ') process.kill(-Number(host.pid), 'SIGINT');
  }
  expect(await exited).toEqual([130, null]);
  expect(said).toBe('one two ');
  const serverPid = Number(await stderr);
  expect(serverPid).toBeGreaterThan(0);
  expect(await isRunning(serverPid)).toBe(false);
});
