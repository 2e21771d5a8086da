/** The workers of the recipe for jobs, each a process with a `CODEX_HOME` of its own, and what they left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AsyncClient } from 'codex-async-client';
import type { LocalModelProvider } from 'codex-async-client/testing';
import { childrenOf } from './processes.js';
import { programFile } from './programs.js';
import { environmentOf } from './provider-home.js';

/** A turn that a home has: the key that it was sent with, and how it ended. */
export interface KeptTurn {
  readonly key: string | null;
  readonly status: string;
}

/** One worker, and its home; both are gone at the end of the scope. */
export class JobWorker implements AsyncDisposable {
  readonly #provider: LocalModelProvider;
  readonly #child: ChildProcess;
  readonly #home: string;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  /** The code, or the signal, that it ended with. */
  readonly ended: Promise<number | string | null>;

  private constructor(provider: LocalModelProvider, home: string, env: NodeJS.ProcessEnv) {
    this.#provider = provider;
    this.#home = home;
    const worker = programFile('tests/examples/job-queue/worker.ts');
    this.#child = spawn(process.execPath, [worker], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = once(this.#child, 'exit').then(([code, signal]) => code ?? signal);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream !== null) createInterface(stream).on('line', (line) => this.#print(line));
  }

  /** @param env - What is different from the environment of the tests. */
  static async start(
    provider: LocalModelProvider,
    env: Readonly<Record<string, string>>,
  ): Promise<JobWorker> {
    const home = await mkdtemp(join(tmpdir(), 'codex-async-client-worker-'));
    return new JobWorker(provider, home, { ...environmentOf(provider, home), ...env });
  }

  /** Everything that it has printed. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The attempts that it has begun: `job-1/1`. */
  get begun(): readonly string[] {
    return this.#lines.flatMap((line) => /^(\S+) begins$/.exec(line)?.[1] ?? []);
  }

  /** The pids of its servers. */
  get servers(): readonly number[] {
    return childrenOf(this.#child.pid, 'app-server');
  }

  /** Settles when this is so; looked at whenever it has printed a line. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The turns that its home has, read by a server of our own when the worker's is gone. */
  async keptTurns(): Promise<readonly KeptTurn[]> {
    const { options } = this.#provider;
    await using client = await AsyncClient.start({ ...options, codexHome: this.#home });
    const kept: KeptTurn[] = [];
    for (const archived of [false, true])
      for await (const { id } of client.paginate('thread/list', { archived })) {
        const { thread } = await client.threadRead({ threadId: id, includeTurns: true });
        for (const { items, status } of thread.turns)
          for (const item of items)
            if (item.type === 'userMessage') kept.push({ key: item.clientId, status });
      }
    return kept;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
    await rm(this.#home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  #print(line: string): void {
    this.#lines.push(line);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
