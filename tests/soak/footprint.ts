/** What a client costs its host at one moment: memory, handles, listeners, file descriptors. */
import type { ChildProcess } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { openFiles } from '../helpers/processes.js';

/** One measurement. */
export interface Footprint {
  /** After a garbage collection; without `--expose-gc` whatever is there. Bytes. */
  readonly heapBytes: number;
  /** What keeps the event loop alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners of the child and its streams, and of this process, by emitter and event. */
  readonly listeners: Readonly<Record<string, number>>;
  /** Undefined where the system does not tell. */
  readonly openFiles: number | undefined;
}

/**
 * Looks once everything that is under way has come to rest.
 *
 * @param child - the server's process, while there is one
 */
export async function footprint(child?: ChildProcess): Promise<Footprint> {
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  const emitters: Record<string, EventEmitter | null | undefined> = {
    process,
    child,
    stdin: child?.stdin,
    stdout: child?.stdout,
    stderr: child?.stderr,
  };
  return {
    heapBytes: process.memoryUsage().heapUsed,
    resources: counted(process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate')),
    listeners: Object.fromEntries(
      Object.entries(emitters).flatMap(([name, emitter]) => (emitter ? listenersOf(name, emitter) : [])),
    ),
    openFiles: openFiles(),
  };
}

/** What is not as it was, in sentences; nothing when it is flat. Memory is the caller's to judge. */
export function growth(before: Footprint, after: Footprint): string[] {
  return [
    ...changes('active', before.resources, after.resources),
    ...changes('listeners on', before.listeners, after.listeners),
    ...changes('open', { files: before.openFiles ?? 0 }, { files: after.openFiles ?? 0 }),
  ];
}

function changes(
  what: string,
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [was, is] = [before[name] ?? 0, after[name] ?? 0];
    return is > was ? [`${what} ${name}: ${is}, and ${was} before`] : [];
  });
}

function listenersOf(name: string, emitter: EventEmitter): [string, number][] {
  return emitter.eventNames().map((event) => [`${name} ${String(event)}`, emitter.listenerCount(event)]);
}

function counted(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
