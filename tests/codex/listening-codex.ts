/** A real codex that listens for connections, with a scripted model; both are gone at the end of the scope. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { echo, LocalModelProvider, type LocalProviderOptions } from 'codex-async-client/testing';
import { serverCommand } from '../../src/app-server/launch/server-command.js';

/** The token of a server that listens on a port. */
export const TOKEN = 'a-token-for-tests';

/** A server of its own, and the model behind it. */
export class ListeningCodex implements AsyncDisposable {
  readonly provider: LocalModelProvider;
  readonly #where: 'socket' | 'port';
  #server: Listening;

  private constructor(provider: LocalModelProvider, where: 'socket' | 'port', server: Listening) {
    this.provider = provider;
    this.#where = where;
    this.#server = server;
  }

  /** Starts one that listens on a Unix socket, or on a port, for those who have the token. */
  static async start(where: 'socket' | 'port' = 'socket'): Promise<ListeningCodex> {
    const provider = await LocalModelProvider.start({ defaultReply: echo() });
    return new ListeningCodex(provider, where, await listen(provider.options, where));
  }

  /** Where it listens: `unix://PATH` or `ws://127.0.0.1:PORT`. */
  get address(): string {
    return this.#server.address;
  }

  /** The executable. */
  get codexPath(): string {
    return this.#server.codexPath;
  }

  get socketPath(): string {
    return socketPathOf(this.address);
  }

  get isRunning(): boolean {
    return isAlive(this.#server.child);
  }

  /** The next server, with the same home: at the same socket, or at another port. */
  async restart(): Promise<void> {
    if (this.isRunning) await this.kill();
    this.#server = await listen(this.provider.options, this.#where);
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    const { child } = this.#server;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) await this.kill();
    await this.provider.close();
  }
}

/** A server that listens. */
interface Listening {
  readonly address: string;
  readonly codexPath: string;
  readonly child: ChildProcess;
}

async function listen(options: LocalProviderOptions, where: 'socket' | 'port'): Promise<Listening> {
  const sha256 = createHash('sha256').update(TOKEN).digest('hex');
  const address = where === 'socket' ? `unix://${join(options.codexHome, 'codex.sock')}` : 'ws://127.0.0.1:0';
  const auth = ['--ws-auth', 'capability-token', '--ws-token-sha256', sha256];
  const args = ['--listen', address, ...(where === 'socket' ? [] : auth)];
  const { file, args: argv, env } = serverCommand({ ...options, args });
  const child = spawn(file, argv, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const listening = { address: where === 'socket' ? address : await portOf(child), codexPath: file, child };
  child.stderr?.resume();
  if (where === 'socket') while (isAlive(child) && !(await isOpen(socketPathOf(address))));
  return listening;
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

function socketPathOf(address: string): string {
  return address.replace('unix://', '');
}

/** Whether somebody listens on the socket; codex does not say when it does. */
async function isOpen(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

/** The address that it prints when it listens. */
async function portOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('stderr is not piped');
  for await (const line of createInterface(child.stderr)) {
    const address = /ws:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error('codex did not say where it listens');
}
