/** What is looked for on a run that was awaited, as if it were its result. */
import { inspect } from 'node:util';
import { type AsyncClient, InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { PlayedServer } from './played-server.js';

const RUNS: [string, (client: AsyncClient) => object, string[]][] = [
  ['turnRun', (client) => client.turnRun({ threadId: 't', input: 'x' }), ['finalMessage', 'usage', 'status']],
  ['threadRun', (client) => client.threadRun({ turn: 'x' }), ['finalMessage', 'output', 'items']],
  ['commandRun', (client) => client.commandRun({ command: ['ls'] }), ['exitCode']],
];

describe.each(RUNS)('a %s that was awaited', (_name, start, members) => {
  test.each(members)('L20 says that %s is of its result', async (member) => {
    await using server = new PlayedServer();
    const run = await start(server.client);
    expect(() => Reflect.get(run, member)).toThrow(InvalidArgumentError);
    expect(() => Reflect.get(run, member)).toThrow(`const { ${member} } = await run.result()`);
  });

  test('can be looked at, listed and waited for like any object', async () => {
    await using server = new PlayedServer();
    const run = start(server.client);
    expect(await Promise.resolve(run)).toBe(run);
    expect(Object.keys(run)).not.toEqual(expect.arrayContaining(members));
    expect(() => inspect(run, { depth: 3 })).not.toThrow();
    expect(() => JSON.stringify({ ...run, signal: undefined })).not.toThrow(InvalidArgumentError);
  });
});
