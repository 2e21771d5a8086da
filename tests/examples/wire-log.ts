/** A log of the wire: every line, both ways, in a file of JSON lines with the secrets masked. */
import { createWriteStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider, text } from 'codex-async-client/testing';

/** What stands under a telling name, in JSON within a string, too; and what looks like a key wherever it stands. */
const UNDER_NAME =
  /((?<!\\)(\\*)"[\w-]*(?:authorization|cookie|passw(?:or)?d|token|secret|(?:api|access|private|secret)[_-]?key)\2" *: *\2")(?:(?!(?<!\\)\2").)*/gi;
const LIKE_KEY = /\b(?:sk-|Bearer )[\w.~+/=-]{6,}/g;
const mask = (line: string) => line.replace(UNDER_NAME, '$1[masked]').replace(LIKE_KEY, '[masked]');

await using provider = await LocalModelProvider.start();
provider.enqueue(text('I will not repeat it.'));
await using client = await AsyncClient.spawn(provider.options);
const file = join(provider.options.codexHome, 'wire.jsonl');
// The handshake comes after this, so it is in the log; where the disk is too slow, a gap is a line of its own.
const logged = pipeline(
  Readable.from(client.wire()).map((frame) =>
    JSON.stringify(frame.kind === 'gap' ? frame : { ...frame, text: mask(frame.text) }).concat('\n'),
  ),
  createWriteStream(file, { mode: 0o600 }), // nobody else reads the prompts
);
logged.catch(({ message }: Error) => console.error(`The wire is logged no more: ${message}`)); // a full disk ends no work

await client.initialize();
await client.commandExec({ command: ['true'], env: { API_KEY: 'open sesame', DB_PASSWORD: 'sesame' } });
await client.threadRun({ turn: 'My key is sk-abcdefgh12345678, and {"password": "open sesame"}.' }).result();
await client.shutdown();
await logged;

const log = readFileSync(file, 'utf8');
const isWhole = /^.*\\"initialize\\"/.test(log) && log.includes('turn/completed');
console.log(`${log.split('\n').length - 1} lines${isWhole ? ', from initialize to turn/completed' : ''}`);
console.log(/sesame|abcdefgh/.test(log) ? 'a secret!' : 'no secret is in the log');
console.log(`mode ${(statSync(file).mode & 0o777).toString(8)}`);
