/** A log of the wire: every line, both ways, in a file of JSON lines with the secrets masked; also when the server crashes. */
import { createWriteStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AsyncClient, type WireTap } from 'codex-async-client';
import { LocalModelProvider, text } from 'codex-async-client/testing';

/** What stands under a telling name, in JSON within a string, too; and what looks like a key wherever it stands. */
const UNDER_NAME =
  /((?<!\\)(\\*)"[\w-]*(?:authorization|cookie|passw(?:or)?d|token|secret|(?:api|access|private|secret)[_-]?key)\2" *: *\2")(?:(?!(?<!\\)\2").)*/gi;
const LIKE_KEY = /\b(?:sk-|Bearer )[\w.~+/=-]{6,}/g;
const mask = (line: string) => line.replace(UNDER_NAME, '$1[masked]').replace(LIKE_KEY, '[masked]');

async function* linesOf(wire: WireTap) {
  try {
    for await (const frame of wire) // Where the disk is too slow, a gap is a line of its own.
      yield `${JSON.stringify(frame.kind === 'gap' ? frame : { ...frame, text: mask(frame.text) })}\n`;
  } catch (error) {
    yield `${JSON.stringify({ kind: 'ended', reason: mask(String(error)) })}\n`; // The server went by itself.
  }
}

await using provider = await LocalModelProvider.start({ defaultReply: text('I will not repeat it.') });
await using client = await AsyncClient.spawn(provider.options);
const file = createWriteStream(join(provider.options.codexHome, 'wire.jsonl'), { mode: 0o600 }); // Read by nobody else.
const logged = pipeline(linesOf(client.wire()), file).catch(console.error); // A full disk ends no work.

await client.initialize(); // After `wire()`, so the handshake is in the log.
await client.commandExec({ command: ['true'], env: { API_KEY: 'open sesame', DB_PASSWORD: 'sesame' } });
await client.threadRun({ turn: 'My key is sk-abcdefgh12345678, and {"password": "open sesame"}.' }).result();
if (client.pid !== undefined) process.kill(client.pid, 'SIGKILL'); // A crash; else `await client.shutdown()`.
await logged;

const log = readFileSync(file.path, 'utf8');
const isWhole = /^.*\\"initialize\\"/.test(log) && log.includes('turn/completed');
console.log(`${log.split('\n').length - 1} lines${isWhole ? ', from initialize to turn/completed' : ''}`);
console.log(log.trimEnd().split('\n').pop());
console.log(/sesame|abcdefgh/.test(log) ? 'a secret!' : 'no secret is in the log');
console.log(`mode ${(statSync(file.path).mode & 0o777).toString(8)}`);
