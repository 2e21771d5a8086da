/** What the guide to approvals says is asked under which policy, in which sandbox: its table against the real server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deny, type protocol } from 'codex-async-client';
import { applyPatch, type ModelReply, shellCommand, text } from 'codex-async-client/testing';
import { expect, onTestFinished, test } from 'vitest';
import { type CodexWithModel, codexWithModel } from '../codex/codex-with-model.js';
import { codeIn, readDocument, tableUnder } from '../docs/markdown.js';

const POLICIES = ['untrusted', 'on-request', 'never'] as const;

const patchOf = (file: string) => applyPatch(`*** Begin Patch\n*** Add File: ${file}\n+one\n*** End Patch\n`);

/** What the model does for each first cell of the table, given a folder elsewhere. */
const WANTS: Readonly<Record<string, (elsewhere: string) => ModelReply>> = {
  'run a command that reads (`ls`)': () => shellCommand('ls'),
  'write a file of the workspace by a command': () => shellCommand('echo more >> old.txt'),
  'run `rm -rf` on a file of the workspace': () => shellCommand('rm -rf old.txt'),
  'run a command outside of the sandbox': () =>
    shellCommand('ls', { escalate: true, justification: 'May I?' }),
  'patch a file of the workspace': () => patchOf('new.txt'),
  'patch a file elsewhere': (elsewhere) => patchOf(join(elsewhere, 'new.txt')),
};

const table = tableUnder(readDocument('.github/docs/approvals.md'), '## What is asked');

test('the table has every want in every sandbox', () => {
  expect(table).toHaveLength(Object.keys(WANTS).length * 3);
  expect(new Set(table.map(([want = '', sandbox = '']) => want + sandbox)).size).toBe(table.length);
});

test.skipIf(process.platform !== 'linux').each(POLICIES)(
  'under %s codex asks what the guide says',
  async (policy) => {
    await using codex = await codexWithModel();
    const column = POLICIES.indexOf(policy);
    const seen: string[][] = [];
    for (const [want = '', sandbox = ''] of table) {
      const reply = WANTS[want]?.(await newFolder(join(tmpdir(), 'codex-elsewhere-')));
      if (reply === undefined) throw new Error(`no model does this: ${want}`);
      const mode = codeIn(sandbox) as protocol.SandboxMode;
      seen.push([want, sandbox, await outcomeOf(codex, reply, policy, mode)]);
    }
    expect(seen).toEqual(table.map(([want, sandbox, ...cells]) => [want, sandbox, cells[column]]));
  },
);

/** Without it the folders of all these tests are in the workspace: temporary ones are. */
const WITHOUT_TEMPORARY_FOLDERS = {
  sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true },
};

async function newFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(prefix);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** One word for what became of the model's wish. */
async function outcomeOf(
  { client, provider }: CodexWithModel,
  reply: ModelReply,
  approvalPolicy: (typeof POLICIES)[number],
  sandbox: protocol.SandboxMode,
): Promise<string> {
  const cwd = await newFolder(join(tmpdir(), 'codex-policies-'));
  await writeFile(join(cwd, 'old.txt'), 'old\n');
  provider.enqueue(reply, text('That is all.'));
  const config = WITHOUT_TEMPORARY_FOLDERS;
  const run = client.threadRun({ thread: { approvalPolicy, sandbox, cwd, config }, turn: 'Go.' });
  let isAsked = false;
  for await (const msg of run) {
    if (msg.kind !== 'request') continue;
    isAsked = true;
    await client.respond(msg, deny(msg));
  }
  if (isAsked) return 'asks';
  await run.result();
  // What the model is told, because a command that fails at once is at times no item of the turn.
  const [told] = provider.requests.at(-1)?.toolOutputs ?? [];
  if (/exited with code 0|Exit code: 0/.test(told?.text ?? '')) return 'runs';
  return /exited with code [1-9]/.test(told?.text ?? '') ? 'fails' : 'is refused';
}
