/**
 * A host process for the tests: starts a server, prints the server's pid once it is up, and then leaves in the way its
 * first argument says: `exit`, `throw`, or `wait` (for the test to end it).
 * Usage: host.ts exit|throw|wait FIXTURE, or host.ts wait codex idle|turn|full HOME [PORT]
 */
import { ask, startCodex } from './codex-probe.js';
import { pidOf, readLine, start } from './processes.js';

const [leave, name, state, codexHome, port] = process.argv.slice(2);
if (leave === undefined || name === undefined) throw new Error('usage');

const server = name === 'codex' ? await codex() : await start(name, [], { shutdownGraceMs: 100 });
if (name !== 'codex') await readLine(server.stdout);
process.stdout.write(`${pidOf(server)}\n`, () => {
  if (leave === 'exit') process.exit(0);
  if (leave === 'throw') throw new Error('the host has a fault');
});

async function codex() {
  const provider = {
    model: 'any',
    model_provider: 'held',
    model_providers: {
      held: {
        name: 'held',
        base_url: `http://127.0.0.1:${port}/v1`,
        wire_api: 'responses',
        supports_websockets: false,
      },
    },
  };
  const server = await startCodex({ codexHome, config: state === 'turn' ? provider : {} });
  if (state === 'turn') {
    const { thread } = await ask(server, 'thread/start', {});
    const threadId = (thread as { id: string }).id;
    await ask(server, 'turn/start', { threadId, input: [{ type: 'text', text: 'hold on' }] });
  }
  // More answers than the pipe holds, none of them read: codex blocks while it writes.
  if (state === 'full') {
    const requests = Array.from({ length: 100 }, (_, id) => ({
      id,
      method: 'config/read',
      params: { includeLayers: true },
    }));
    const written = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
    await new Promise((resolve) => server.stdin.write(written, resolve));
  }
  return server;
}
