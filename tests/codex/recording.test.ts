/** A conversation with the real codex on a tape: whole, private, and without the secrets that passed. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncClient, approve, PROTOCOL_VERSION } from 'codex-async-client';
import { LocalModelProvider, recordTape, replayTape, shellCommand, text } from 'codex-async-client/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTape } from '../../src/testing/tapes/read-tape.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codex-recording-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SECRETS = ['sk-abcdefgh12345678', 'open-sesame'];

/** What is recorded, and said again to the replay. */
async function converse(client: AsyncClient): Promise<void> {
  await client.initialize();
  await client.accountRead({});
  await client.commandExec({ command: ['true'], env: { API_KEY: SECRETS[1] } });
  const run = client.threadRun({ thread: { cwd: folder }, turn: `My key is ${SECRETS[0]}.` });
  for await (const message of run)
    if (message.method === 'item/commandExecution/requestApproval')
      await client.respond(message, approve(message));
  await client.shutdown();
}

test('L23 a turn with an approval is on the tape from spawn to shutdown, no secret is, and it replays', async () => {
  await using provider = await LocalModelProvider.start();
  const command = shellCommand('echo done > out.txt', { escalate: true, justification: 'May I?' });
  provider.enqueue(command, text('All done.'));
  const path = join(folder, 'approval.tape.jsonl');
  const client = await AsyncClient.spawn(provider.options);
  const recording = recordTape(client, path, { redact: { strings: { [folder]: '/work' } } });
  await converse(client);
  expect(await recording.finished).toMatchObject({ missed: 0, endedBy: 'client' });

  const { header, lines, end } = readTape(path);
  expect(header).toMatchObject({ protocol: PROTOCOL_VERSION, server: PROTOCOL_VERSION });
  expect(end).toMatchObject({ by: 'client', exitCode: 0 });
  const said = lines.map((line) =>
    line.kind === 'missed' ? 'missed' : `${line.kind} ${line.message['method']}`,
  );
  const expected = [
    'sent initialize',
    'sent initialized',
    'sent turn/start',
    'received item/commandExecution/requestApproval',
    'received turn/completed',
  ];
  expect(said.filter((line) => expected.includes(line))).toEqual(expected);
  const tape = readFileSync(path, 'utf8');
  for (const secret of [...SECRETS, folder]) expect(tape).not.toContain(secret);
  expect(tape).toContain('"cwd":"/work"');
  expect(tape).toContain('All done.');
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);

  const replay = replayTape(path);
  await converse(AsyncClient.attach(replay));
  expect(await replay.finished).toMatchObject({ mismatch: undefined, unsent: [], unplayed: [] });
});
