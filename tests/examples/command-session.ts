/** A command session: write to a program, read what it says, line by line. */
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start();
await using client = await AsyncClient.start(provider.options);

await using shell = client.commandRun({ command: ['sh'] });
await shell.write('echo one; echo two\n');
await shell.write('exit 3\n');
for await (const line of shell.stdout.lines()) console.log(`> ${line}`);

const { exitCode } = await shell.result();
console.log(`exit code ${exitCode}`);
