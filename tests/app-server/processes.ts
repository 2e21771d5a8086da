/** What the tests of this room share: scripted children, reading a line, and looking at processes from outside. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AppServerOptions } from '../../src/app-server/launch/server-options.js';
import { spawnServer } from '../../src/app-server/launch/spawn-server.js';
import type { ServerProcess } from '../../src/app-server/lifetime/server-process.js';

/** The path of a scripted child. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/servers/process-${name}.mjs`, import.meta.url));
}

/** The argv of a shell that does not replace itself by a child that only SIGKILL ends; it prints the child's pid first. */
export function aroundStubborn(): string[] {
  return ['/bin/sh', '-c', '"$0" "$1" & echo $!; wait', process.execPath, fixture('ignores-sigterm')];
}

/** Starts a scripted child. */
export function start(
  name: string,
  args: readonly string[] = [],
  options: AppServerOptions = {},
): Promise<ServerProcess> {
  return spawnServer({ command: [process.execPath, fixture(name), ...args], ...options });
}

/** Reads up to the first line end; what was read beyond it goes back. */
export async function readLine(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk: Buffer | null = stream.read();
    if (chunk === null) {
      if (stream.readableEnded) throw new Error('the output ended before the line did');
      await Promise.race([once(stream, 'readable'), once(stream, 'end')]);
      continue;
    }
    const end = chunk.indexOf('\n');
    chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
    if (end === -1) continue;
    if (end + 1 < chunk.length) stream.unshift(chunk.subarray(end + 1));
    return Buffer.concat(chunks).toString();
  }
}

/** All that an iterable gives, which must be there. */
export async function collect<T>(source: AsyncIterable<T> | undefined): Promise<T[]> {
  if (source === undefined) throw new Error('it was taken before');
  const values: T[] = [];
  for await (const value of source) values.push(value);
  return values;
}

/** Whether a process is there, as `ps` sees it; one that only waits to be reaped is not. */
export async function isRunning(pid: number): Promise<boolean> {
  const state = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
  return state !== '' && !state.startsWith('Z');
}

/** Settles once the process is gone. */
export async function untilGone(pid: number): Promise<void> {
  while (await isRunning(pid));
}

/** The pid, which a spawned server always has. */
export function pidOf(server: ServerProcess): number {
  if (server.pid === undefined) throw new Error('the server has no pid');
  return server.pid;
}
