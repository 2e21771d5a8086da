/** The longer work of a client, on its peer: what `AsyncClient` offers under the same names. */
import type { AsyncClient } from 'codex-async-client';
import type { CommandRunOptions, CommandRunParams } from '../../src/runs/command-params.js';
import { type CommandRun, commandRun } from '../../src/runs/command-run.js';
import { type FileWatch, type FileWatchOptions, fileWatch } from '../../src/runs/file-watch.js';
import type { Peer } from '../../src/session/peer.js';

/** The client's peer. */
export function peerOf(client: AsyncClient): Peer {
  return client['peer'];
}

/** Runs a command. */
export function run(client: AsyncClient, params: CommandRunParams, options?: CommandRunOptions): CommandRun {
  return commandRun(peerOf(client), params, options);
}

/** Watches a path. */
export function watch(client: AsyncClient, path: string, options?: FileWatchOptions): FileWatch {
  return fileWatch(peerOf(client), { path }, options);
}
