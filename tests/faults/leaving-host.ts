/**
 * A host program that starts a server, prints its pid once the scene is set, and then leaves in the way its first
 * argument says: `exit`, `throw`, `reject`, or `wait` (for the test to end it).
 * Usage: leaving-host.ts HOW SCENE [OPTIONS-AS-JSON]; the scene is one of those below, or a scripted child.
 */
import { spawnServer } from '../../src/app-server/launch/spawn-server.js';
import { AsyncClient, type StartOptions } from '../../src/index.js';
import { pidOf, readLine, start } from '../app-server/processes.js';

const [how, scene = '', json = '{}'] = process.argv.slice(2);
// The test wrote it.
const options = JSON.parse(json) as StartOptions;

const SCENES: Readonly<Record<string, () => Promise<number>>> = {
  'codex is idle': async () => Number((await AsyncClient.start(options)).pid),

  'codex is in the middle of a turn': async () => {
    const client = await AsyncClient.start(options);
    const { thread } = await client.threadStart({});
    const run = client.turnRun({ threadId: thread.id, input: 'hold on' });
    while ((await run.next()).value?.method !== 'item/agentMessage/delta');
    return Number(client.pid);
  },

  /** More answers than the pipe holds, none of them read: codex blocks while it writes. */
  'codex is blocked by what nobody reads': async () => {
    const server = await spawnServer(options);
    const initialize = { id: -1, method: 'initialize', params: { clientInfo: { name: 'x', version: '1' } } };
    const requests = Array.from({ length: 100 }, (_, id) => ({
      id,
      method: 'config/read',
      params: { includeLayers: true },
    }));
    const messages = [initialize, { method: 'initialized' }, ...requests];
    const written = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
    await new Promise((resolve) => server.stdin.write(written, resolve));
    return pidOf(server);
  },
};

async function scripted(): Promise<number> {
  const server = await start(scene, [], { shutdownGraceMs: 100 });
  await readLine(server.stdout);
  return pidOf(server);
}

const pid = await (SCENES[scene] ?? scripted)();
// Keeps a host alive that has nothing else to do.
setInterval(() => {}, 1_000_000);
process.stdout.write(`${pid}\n`, () => {
  if (how === 'exit') process.exit(0);
  if (how === 'throw') throw new Error('the host has a fault');
  if (how === 'reject') Promise.reject(new Error('nobody handles this'));
});
