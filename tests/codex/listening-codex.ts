/** A real codex that listens for connections, with a scripted model; both are gone at the end of the scope. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { echo, LocalModelProvider } from 'codex-async-client/testing';
import { serverCommand } from '../../src/app-server/launch/server-command.js';

/** The token of a server that listens on a port. */
export const TOKEN = 'a-token-for-tests';

/** A server of its own, and the model behind it. */
export class ListeningCodex implements AsyncDisposable {
  readonly provider: LocalModelProvider;
  /** Where it listens: `unix://PATH` or `ws://127.0.0.1:PORT`. */
  readonly address: string;
  /** The executable. */
  readonly codexPath: string;
  readonly #child: ChildProcess;

  private constructor(provider: LocalModelProvider, address: string, codexPath: string, child: ChildProcess) {
    this.provider = provider;
    this.address = address;
    this.codexPath = codexPath;
    this.#child = child;
  }

  /** Starts one that listens on a Unix socket, or on a port, for those who have the token. */
  static async start(where: 'socket' | 'port' = 'socket'): Promise<ListeningCodex> {
    const provider = await LocalModelProvider.start({ defaultReply: echo() });
    const { codexHome } = provider.options;
    const sha256 = createHash('sha256').update(TOKEN).digest('hex');
    const address = where === 'socket' ? `unix://${join(codexHome, 'codex.sock')}` : 'ws://127.0.0.1:0';
    const auth = ['--ws-auth', 'capability-token', '--ws-token-sha256', sha256];
    const args = ['--listen', address, ...(where === 'socket' ? [] : auth)];
    const { file, args: argv, env } = serverCommand({ ...provider.options, args });
    const child = spawn(file, argv, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const server = new ListeningCodex(
      provider,
      where === 'socket' ? address : await portOf(child),
      file,
      child,
    );
    child.stderr?.resume();
    if (where === 'socket') while (!(await isOpen(server.socketPath)));
    return server;
  }

  get socketPath(): string {
    return this.address.replace('unix://', '');
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) await this.kill();
    await this.provider.close();
  }
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
