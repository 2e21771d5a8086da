// Starts the installed codex-tape in the place of codex, as npm put it there, with a tape that it writes itself.
import { writeFileSync } from 'node:fs';
import { AsyncClient } from 'codex-async-client';

const clientInfo = { name: 'a-program', title: null, version: '1' };
const lines = [
  { tape: 1, recordedAt: '2026-11-21T10:00:00.000Z', protocol: '0.169.0', server: '0.169.0' },
  { atMs: 1, sent: { id: 1, method: 'initialize', params: { clientInfo } } },
  { atMs: 2, received: { id: 1, result: { userAgent: 'a-program/0.169.0', codexHome: '/h' } } },
  { atMs: 3, sent: { method: 'initialized' } },
  { atMs: 4, sent: { id: 2, method: 'thread/start', params: { cwd: '/recorded/here' } } },
  { atMs: 5, received: { id: 2, result: { thread: { id: 't' }, cwd: '/recorded/here' } } },
];
writeFileSync('tape.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

const client = await AsyncClient.start({
  codexPath: `node_modules/.bin/codex-tape${process.platform === 'win32' ? '.cmd' : ''}`,
  config: { model: 'a model' },
  env: {
    CODEX_TAPE: 'tape.jsonl',
    CODEX_TAPE_OPTIONS: JSON.stringify({ seed: 1, ignore: ['params.capabilities'] }),
  },
  clientInfo,
});
const { thread, cwd } = await client.threadStart({ cwd: '/played/there' });
console.log(`${client.serverInfo?.version} ${thread.id} ${cwd}`);
await client.shutdown();
