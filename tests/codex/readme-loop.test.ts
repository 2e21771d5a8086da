/** The loop of README, run as it stands there: it allows a mere listing, denies all else, and ends. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyPatch, LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { expect, onTestFinished, test } from 'vitest';
import { codeBlocks, readDocument } from '../docs/markdown.js';
import { printedBy } from '../helpers/typescript-program.js';

// On Windows codex runs commands by PowerShell, of which none is plain.
test.skipIf(process.platform === 'win32')(
  'the loop of README allows `ls`, denies every other command and every patch, and ends with the turn',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'codex-readme-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await using provider = await LocalModelProvider.start();
    provider.enqueue(
      shellCommand('ls'),
      shellCommand('ls > listing.txt'),
      applyPatch('*** Begin Patch\n*** Add File: new.txt\n+one\n*** End Patch\n'),
      text('One ', 'file.'),
    );
    const block = codeBlocks(readDocument('README.md'), 'ts').find(({ code }) =>
      code.includes('client.events()'),
    );
    // As it stands there, but for the login and the folder.
    const options = JSON.stringify({ ...provider.options, cwd: folder });
    const lines = block?.code.replace('AsyncClient.start()', `AsyncClient.start(${options})`) ?? '';
    expect(lines).toContain(options);
    const program = join(folder, 'loop.mts');
    await writeFile(program, lines);

    expect(await printedBy(program)).toBe('One file.');
    const told = provider.requests.flatMap(({ toolOutputs }) => toolOutputs.map((output) => output.text));
    expect(told).toEqual([
      expect.stringContaining('loop.mts'),
      expect.stringMatching(/reject/i),
      expect.stringMatching(/reject/i),
    ]);
    expect(['listing.txt', 'new.txt'].filter((name) => existsSync(join(folder, name)))).toEqual([]);
  },
);
