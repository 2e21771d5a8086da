// The yardstick: what a good engineer writes without a library. Spawn, split at line ends, JSON.parse, a map of
// pending requests. No window, no bound, no errors: as little as works when nothing goes wrong.
import { spawn } from 'node:child_process';

/** Starts a process with piped stdin and stdout. */
export function spawnPiped([file, ...args], env = process.env) {
  return spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'], env });
}

/** Calls `onMessage` for each line. */
export function readMessages(stdout, onMessage) {
  let rest = '';
  stdout.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) onMessage(JSON.parse(line));
  });
}

/** Makes `count` requests through a window, as short as it can be written. */
export async function requestWindowed(count, size, makeRequest) {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await makeRequest(next - 1);
    }
  };
  await Promise.all(Array.from({ length: size }, worker));
}

/** Requests and answers over one child. */
export class BareClient {
  #lastId = 0;
  #pending = new Map();

  constructor(command, env) {
    this.child = spawnPiped(command, env);
    readMessages(this.child.stdout, (message) => this.#received(message));
  }

  request(method, params) {
    this.#lastId += 1;
    const id = this.#lastId;
    this.child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  async initialize() {
    await this.request('initialize', { clientInfo: { name: 'bare', title: null, version: '1.0.0' } });
    this.child.stdin.write('{"method":"initialized"}\n');
  }

  end() {
    this.child.stdin.end();
  }

  #received({ id, result, error }) {
    const call = this.#pending.get(id);
    if (call === undefined) return;
    this.#pending.delete(id);
    if (error === undefined) call.resolve(result);
    else call.reject(new Error(error.message));
  }
}
