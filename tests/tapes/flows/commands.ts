/** Flows of commands that the client runs, and of files. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandRunParams } from 'codex-async-client';
import type { Flow } from '../flow.js';
import { all, codeOf } from './steps.js';

const UNSANDBOXED = { sandboxPolicy: { type: 'dangerFullAccess' } } as const;

/** A script of the shell, outside of the sandbox, which not every machine can set up. */
const shell = (script: string): CommandRunParams => ({ ...UNSANDBOXED, command: ['sh', '-c', script] });

export const COMMAND_FLOWS: readonly Flow[] = [
  {
    name: 'command-buffered',
    title: 'a command is run to its end by one request',
    outcome: { exitCode: 3, stdout: 'out\n', stderr: 'err\n' },
    program: (client) => client.commandExec({ ...shell('echo out; echo err >&2; exit 3') }),
  },
  {
    name: 'command-streamed',
    title: 'a command’s output comes line by line, and input goes to it between the lines',
    outcome: { lines: ['1', '2', '3'], exitCode: 0 },
    async program(client) {
      const command = client.commandRun(shell('echo 1; read x; echo 2; read x; echo 3'));
      const lines: string[] = [];
      for await (const line of command.stdout.lines()) {
        lines.push(line);
        if (lines.length < 3) await command.write('go\n');
      }
      return { lines, exitCode: (await command.result()).exitCode };
    },
  },
  {
    name: 'command-with-input',
    title: 'a command is given its input, and its end',
    outcome: { exitCode: 0, stdout: 'apple\npear\n', stderr: '' },
    async program(client) {
      await using command = client.commandRun({ ...UNSANDBOXED, command: ['sort'] });
      await command.write('pear\napple\n');
      await command.closeStdin();
      return await command.result();
    },
  },
  {
    name: 'command-terminated',
    title: 'a command is terminated, and keeps what it wrote',
    outcome: { line: 'up', exitCode: 137 },
    async program(client) {
      const command = client.commandRun(shell('echo up; exec sleep 1000'));
      const { value: line } = await command.stdout.lines().next();
      await command.terminate();
      return { line, exitCode: (await command.result()).exitCode };
    },
  },
  {
    name: 'command-on-a-terminal',
    title: 'a command has a terminal that is resized',
    outcome: ['10 20', 'go', '11 22'],
    async program(client) {
      const size = { rows: 10, cols: 20 };
      const command = client.commandRun({ ...shell('stty size; read x; stty size'), tty: true, size });
      const lines = command.stdout.lines();
      const { value: first } = await lines.next();
      await command.resize({ rows: 11, cols: 22 });
      await command.write('go\n');
      return [first, ...(await all(lines))];
    },
  },
  {
    name: 'files',
    title: 'files are written, read, listed, described, copied and removed',
    outcome: { text: 'ü, 漢 and 🙂\u2028\n', entries: ['a.txt', 'b.txt'], isFile: true, left: ['b.txt'] },
    async program(client, stage) {
      const path = join(stage.cwd, 'a.txt');
      const text = 'ü, 漢 and 🙂\u2028\n';
      await client.fsWriteFile({ path, dataBase64: Buffer.from(text).toString('base64') });
      const { dataBase64 } = await client.fsReadFile({ path });
      await client.fsCopy({ sourcePath: path, destinationPath: join(stage.cwd, 'b.txt') });
      const names = async () => {
        const { entries } = await client.fsReadDirectory({ path: stage.cwd });
        return entries.map(({ fileName }) => fileName).sort();
      };
      const entries = await names();
      const { isFile } = await client.fsGetMetadata({ path });
      await client.fsRemove({ path });
      return { text: Buffer.from(dataBase64, 'base64').toString(), entries, isFile, left: await names() };
    },
  },
  {
    name: 'missing-file',
    title: 'a file that is not there',
    outcome: 'CODEX_RPC',
    program: (client, stage) => codeOf(client.fsReadFile({ path: join(stage.cwd, 'missing') }), 'CODEX_RPC'),
  },
  {
    name: 'file-watch',
    title: 'a folder is watched while a file is written in it',
    outcome: ['seen.txt'],
    async program(client, stage) {
      const path = join(stage.cwd, 'seen.txt');
      const changes = client.fileWatch({ path: stage.cwd });
      await changes.ready;
      await stage.outside(() => writeFile(path, 'one'));
      const { value } = await changes.next();
      await changes.close();
      return value?.changedPaths.map((one) => one.slice(stage.cwd.length + 1));
    },
  },
];
