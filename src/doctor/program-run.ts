/**
 * Runs a program to its end, or for so long and no longer: its stdin is at its end, and when its time is up it is ended
 * with everything that it has started in its process group.
 */
import { startProgram } from '../app-server/launch/spawn-server.js';
import { pause } from '../support/pause.js';
import { Settlement } from '../support/settlement.js';

/** More of its output than this is not kept, in bytes: a version is a line. */
const OUTPUT_MAX_BYTES = 4_096;

/** How a program ended. */
export interface ProgramRun {
  readonly stdout: string;
  /** It ended by itself, in time. */
  readonly isOver: boolean;
  readonly exitCode: number | null;
  /** From its start to its end, or to its time limit. */
  readonly tookMs: number;
}

/** How long it may take. */
interface RunLimits {
  readonly limitMs: number;
  readonly graceMs: number;
  /** Ends it at once. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs it.
 * @throws SpawnError when the system cannot start it
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  limits: RunLimits,
): Promise<ProgramRun> {
  const startedAt = performance.now();
  const command = {
    file,
    args,
    cwd: undefined,
    env: process.env,
    origin: 'asked by the doctor',
    isLocal: false,
  };
  const child = await startProgram(command, limits.graceMs);
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    if (Buffer.concat(output).length < OUTPUT_MAX_BYTES) output.push(chunk);
  });
  child.stdout.resume();
  child.stdin.end();
  await endInTime(child.exited, limits);
  const isOver = child.hasExited;
  const tookMs = Math.round(performance.now() - startedAt);
  if (isOver) await pause(limits.graceMs, endOf(child.stdout));
  await child.stop();
  child.release();
  const { exitCode } = await child.exited;
  return { stdout: Buffer.concat(output).toString(), isOver, exitCode, tookMs };
}

/** Settles with its end, its time limit or its signal. */
function endInTime(exited: Promise<unknown>, { limitMs, signal }: RunLimits): Promise<void> {
  const wait = new Settlement<void>();
  wait.limit({ timeoutMs: limitMs, timeoutError: () => new Error('its time is up'), signal });
  void exited.then(() => wait.resolve());
  return wait.promise.catch(() => undefined);
}

/** A grandchild can hold the pipe: whoever waits for this has a limit. */
function endOf(stream: NodeJS.ReadableStream): Promise<unknown> {
  return new Promise((resolve) => stream.once('close', resolve).once('end', resolve));
}
