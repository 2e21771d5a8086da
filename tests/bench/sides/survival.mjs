// A server that is killed, on the real codex with a local model. How long from SIGKILL until the next turn has been answered,
// against a restart written by hand on a bare client; and how many turns of many users settle as they should.
import { readMessages, spawnPiped } from './bare-client.mjs';
import { settings, withModel } from './local-model.mjs';

const text = (words) => [{ type: 'text', text: words, text_elements: [] }];

export function supervised({ codexPath }) {
  return withModel([], async (provider) => {
    const { AsyncClient } = await import('codex-async-client');
    const supervisor = AsyncClient.supervise({ ...provider.options, codexPath });
    try {
      const { threadId } = await supervisor.threadRun({ turn: 'before' }).result();
      const { pid } = await supervisor.client();
      const start = performance.now();
      process.kill(pid, 'SIGKILL');
      // With a key, so that it does not matter whether the end of the server is known already.
      const run = supervisor.turnRun({ threadId, input: 'after' }, { idempotencyKey: 'after' });
      const { finalMessage } = await run.result();
      const ms = performance.now() - start;
      return { ms, seen: finalMessage.endsWith('after') ? 1 : 0, expected: 1 };
    } finally {
      await supervisor.shutdown();
    }
  });
}

export function byHand({ codexPath }) {
  return withModel([], async (provider) => {
    let server = await BareTurns.start(codexPath, provider.options);
    const { thread } = await server.request('thread/start', {});
    await server.turn(thread.id, 'before');
    const start = performance.now();
    server.child.kill('SIGKILL');
    await server.exited;
    server = await BareTurns.start(codexPath, provider.options);
    await server.request('thread/resume', { threadId: thread.id });
    const said = await server.turn(thread.id, 'after');
    const ms = performance.now() - start;
    server.child.stdin.end();
    await server.exited;
    return { ms, seen: said.endsWith('after') ? 1 : 0, expected: 1 };
  });
}

/** Turns of many users, one after another for each; every so many the model falls silent in a turn, and the server is killed. */
export async function manyUsers({ codexPath, users, turns, kills }) {
  const { gate, text: says } = await import('codex-async-client/testing');
  const total = users * turns;
  // A kill may take a turn of every user with it that the model is never asked for: the rest is enough for all kills.
  const asked = total - users * kills;
  const gates = Array.from({ length: kills }, () => gate());
  const replies = Array.from({ length: total + kills }, () => says('fine'));
  for (const [index, closed] of gates.entries())
    replies[Math.floor((asked * (index + 1)) / (kills + 1))] = says('half', closed);
  return withModel(replies, async (provider) => {
    const { AsyncClient } = await import('codex-async-client');
    const supervisor = AsyncClient.supervise({ ...provider.options, codexPath });
    const inFlight = new Set();
    const caught = new Set();
    const settled = [];
    const user = async (name) => {
      const { thread } = await (await supervisor.client()).threadStart({});
      for (let turn = 0; turn < turns; turn += 1) {
        const idempotencyKey = `${name}-${turn}`;
        inFlight.add(idempotencyKey);
        const run = supervisor.turnRun({ threadId: thread.id, input: idempotencyKey }, { idempotencyKey });
        const { status } = await run.result();
        inFlight.delete(idempotencyKey);
        if (status === 'completed' || caught.has(idempotencyKey)) settled.push(status);
      }
    };
    const killing = (async () => {
      for (const closed of gates) {
        await closed.reached;
        const client = await supervisor.client();
        for (const key of inFlight) caught.add(key);
        process.kill(client.pid, 'SIGKILL');
        // The next kill is that of another server.
        await client.closed;
      }
    })();
    try {
      const start = performance.now();
      await Promise.all([killing, ...Array.from({ length: users }, (_, index) => user(`user-${index}`))]);
      const interrupted = settled.filter((status) => status === 'interrupted').length;
      if (supervisor.stats().restarts !== kills || interrupted < kills)
        throw new Error(`${supervisor.stats().restarts} restarts, ${interrupted} turns interrupted`);
      return { ms: performance.now() - start, seen: settled.length, expected: total, interrupted };
    } finally {
      await supervisor.shutdown();
    }
  });
}

/** As little as runs turns on a server of its own. */
class BareTurns {
  #pending = new Map();
  #lastId = 0;
  #turn;

  static async start(codexPath, { config, codexHome, env }) {
    const overrides = settings(config).flatMap((setting) => ['-c', setting]);
    const server = new BareTurns([codexPath, ...overrides, 'app-server'], { ...env, CODEX_HOME: codexHome });
    await server.request('initialize', { clientInfo: { name: 'bare', title: null, version: '1.0.0' } });
    server.#write({ method: 'initialized' });
    return server;
  }

  constructor(command, env) {
    this.child = spawnPiped(command, { ...process.env, ...env });
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
    readMessages(this.child.stdout, (message) => this.#received(message));
  }

  request(method, params) {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#write({ id, method, params });
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  /** Runs a turn; gives back what the agent said. */
  async turn(threadId, words) {
    const completed = new Promise((resolve) => {
      this.#turn = { said: '', resolve };
    });
    await this.request('turn/start', { threadId, input: text(words) });
    return completed;
  }

  #write(message) {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #received({ id, method, params, result, error }) {
    if (method === 'item/agentMessage/delta') this.#turn.said += params.delta;
    if (method === 'turn/completed') this.#turn.resolve(this.#turn.said);
    const call = method === undefined ? this.#pending.get(id) : undefined;
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error.message));
  }
}
