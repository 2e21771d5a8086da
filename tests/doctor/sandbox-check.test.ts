/** One command in the sandbox, as servers of all kinds answer it. */
import { writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxFinding } from '../../src/doctor/sandbox-check.js';
import { startScripted } from '../helpers/scripted.js';
import { emptyFolder, useStandIns } from './stand-ins.js';

useStandIns();

const answering = (answers: object) => startScripted('answers-from-table', [JSON.stringify(answers)]);
const exec = (exitCode: number, stdout: string, stderr: string) => ({
  'command/exec': { exitCode, stdout, stderr },
});

test('a command that ran and could not write is ok', async () => {
  await using client = await answering(exec(2, 'ran\n', 'Read-only file system\n'));
  expect(await sandboxFinding(client, emptyFolder())).toMatchObject({
    status: 'ok',
    details: { ran: true, wrote: false, exitCode: 2 },
  });
});

test('a command that could write is a warning, and what it wrote is gone', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'written-in-the-sandbox'), '');
  await using client = await answering(exec(0, 'ran\n', ''));
  const finding = await sandboxFinding(client, folder);
  expect(finding).toMatchObject({
    status: 'warn',
    finding: 'a command in the read-only sandbox could write',
  });
  expect(await readdir(folder)).toEqual([]);
});

test('a command that did not run is a warning with the last that it said', async () => {
  await using client = await answering(
    exec(1, '', 'first\n\u001b[31mbwrap:\u001b[0m No permissions to create a new namespace\n'),
  );
  expect(await sandboxFinding(client, emptyFolder())).toMatchObject({
    status: 'warn',
    finding: 'a command in the sandbox did not run: bwrap: No permissions to create a new namespace',
    advice: expect.stringContaining('prerequisites'),
  });
});

test('a server that refuses is a warning, too', async () => {
  await using client = await answering({});
  const finding = await sandboxFinding(client, emptyFolder());
  expect(finding).toMatchObject({
    status: 'warn',
    finding: expect.stringContaining('command/exec is refused'),
  });
});
