/**
 * A tiny JSON-RPC driver for a real `codex app-server`, independent of the package's own client, so that
 * the local provider is tested against codex alone. It keeps every message and waits for messages only.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { LocalProviderOptions } from 'codex-async-client/testing';

/** A message of the server, as loosely typed as a test needs it. */
export interface RawMessage {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: RawFields;
  readonly result?: RawFields;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Fields of a message. Tests compare them with literals, so that a wrong shape fails there. */
// biome-ignore lint/suspicious/noExplicitAny: the driver knows no protocol types on purpose
export type RawFields = Record<string, any>;

interface Waiter {
  readonly matches: (message: RawMessage) => boolean;
  readonly resolve: (message: RawMessage) => void;
}

export class RawAppServer {
  readonly #child: ChildProcess;
  readonly #waiters = new Set<Waiter>();
  readonly #exited: Promise<unknown>;
  #nextId = 0;
  #rest = '';
  readonly messages: RawMessage[] = [];
  stderr = '';

  static async start(options: LocalProviderOptions, env: NodeJS.ProcessEnv = {}): Promise<RawAppServer> {
    const server = new RawAppServer(options, env);
    const clientInfo = { name: 'raw-driver', title: null, version: '1.0.0' };
    await server.request('initialize', { clientInfo, capabilities: { experimentalApi: true } });
    server.#send({ method: 'initialized' });
    return server;
  }

  private constructor(options: LocalProviderOptions, env: NodeJS.ProcessEnv) {
    const overrides = flatten(options.config).flatMap((entry) => ['-c', entry]);
    this.#child = spawn(nativeCodex(), [...overrides, 'app-server'], {
      env: { ...process.env, ...env, ...options.env, CODEX_HOME: options.codexHome },
    });
    this.#exited = once(this.#child, 'exit');
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk));
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stderr += chunk;
    });
  }

  get stdout(): NonNullable<ChildProcess['stdout']> {
    if (this.#child.stdout === null) throw new Error('stdout is not piped');
    return this.#child.stdout;
  }

  async request(method: string, params: RawFields): Promise<RawFields> {
    const id = `r${this.#nextId}`;
    this.#nextId += 1;
    const answer = this.next((message) => message.method === undefined && message.id === id);
    this.#send({ id, method, params });
    const { result, error } = await answer;
    if (result === undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  respond(request: RawMessage, result: RawFields): void {
    this.#send({ id: request.id, result });
  }

  /** The next message that matches, of those still to come. */
  next(matches: (message: RawMessage) => boolean): Promise<RawMessage> {
    return new Promise((resolve) => this.#waiters.add({ matches, resolve }));
  }

  /** The first message with this method, of those received and those to come. */
  async first(method: string, threadId?: string): Promise<RawFields> {
    const isIt = (message: RawMessage) =>
      message.method === method && (threadId === undefined || message.params?.['threadId'] === threadId);
    const message = this.messages.find(isIt) ?? (await this.next(isIt));
    return message.params ?? {};
  }

  async startThread(params: RawFields = {}): Promise<string> {
    const { thread } = await this.request('thread/start', params);
    return thread.id;
  }

  /** Starts a turn with this text; gives the turn's id. */
  async startTurn(threadId: string, text: string, params: RawFields = {}): Promise<string> {
    const input = [{ type: 'text', text }];
    const { turn } = await this.request('turn/start', { threadId, input, ...params });
    return turn.id;
  }

  /** Runs a whole turn with this text; gives the turn as `turn/completed` has it. */
  async runTurn(threadId: string, text: string, params: RawFields = {}): Promise<RawFields> {
    const completed = this.next(
      ({ method, params }) => method === 'turn/completed' && params?.['threadId'] === threadId,
    );
    await this.startTurn(threadId, text, params);
    return (await completed).params?.['turn'];
  }

  /** The params of all messages received with this method. */
  all(method: string, threadId?: string): RawFields[] {
    return this.messages
      .filter((message) => message.method === method)
      .map((message) => message.params ?? {})
      .filter((params) => threadId === undefined || params['threadId'] === threadId);
  }

  /** The agent's text pieces of a thread, in order. */
  deltas(threadId?: string): string[] {
    return this.all('item/agentMessage/delta', threadId).map((params) => params['delta']);
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #send(message: RawFields): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#deliver(JSON.parse(line));
  }

  #deliver(message: RawMessage): void {
    this.messages.push(message);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(message)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(message);
    }
  }
}

/** `key.path=TOML` for each value; JSON text of strings, numbers and booleans is TOML too. */
function flatten(table: object, prefix = ''): string[] {
  return Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'object'
      ? flatten(value, `${prefix}${key}.`)
      : [`${prefix}${key}=${JSON.stringify(value)}`],
  );
}

function nativeCodex(): string {
  const require = createRequire(import.meta.url);
  const inCodex = createRequire(require.resolve('@openai/codex/package.json'));
  const name = `@openai/codex-${process.platform}-${process.arch}`;
  const vendor = join(dirname(inCodex.resolve(`${name}/package.json`)), 'vendor');
  const executable = process.platform === 'win32' ? 'codex.exe' : 'codex';
  const found = readdirSync(vendor)
    .map((triple) => join(vendor, triple, 'bin', executable))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no codex below ${vendor}; run npm ci`);
  return found;
}
