/**
 * A Redis of a test's own: the system's program, on a Unix socket in a folder that is removed at the end, in memory alone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A Redis that runs. */
export interface RedisServer extends AsyncDisposable {
  /** What `REDIS_URL` is set to: ioredis takes a path, too. */
  readonly url: string;
}

/**
 * Starts it; settles when it takes connections.
 *
 * @param program - Where `redis-server` is.
 * @throws Error with what it printed, when it ends instead
 */
export async function startRedis(program: string): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'codex-async-client-redis-'));
  const url = join(folder, 'redis.sock');
  const settings = { port: '0', unixsocket: url, dir: folder, save: '', appendonly: 'no' };
  const child = spawn(
    program,
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const printed: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    printed.push(line);
    if (/ready to accept connections/i.test(line)) break;
  }
  if (child.exitCode !== null || child.signalCode !== null)
    throw new Error(`${program} ended:\n${printed.join('\n')}`);
  child.stdout.resume();
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
