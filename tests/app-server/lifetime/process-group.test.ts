/** A signal goes to a server with all of its group, and to nobody else. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { hasGroup, signalGroup } from '../../../src/app-server/lifetime/process-group.js';
import { readLine, untilGone } from '../processes.js';

/** A shell with a child of its own, whose pid it prints. */
async function startShell(detached: boolean): Promise<{ shell: ChildProcess; pid: number; inner: number }> {
  const shell = spawn('/bin/sh', ['-c', 'sleep 1000 & echo $!; wait'], {
    detached,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const inner = Number(await readLine(shell.stdout));
  const { pid } = shell;
  if (pid === undefined) throw new Error('there is no shell');
  return { shell, pid, inner };
}

it('L13 a signal reaches the leader of a group and those in it', async () => {
  const { shell, pid, inner } = await startShell(true);
  const exited = once(shell, 'exit');
  expect(hasGroup(pid)).toBe(true);
  signalGroup(shell, 'SIGTERM');
  expect(await exited).toEqual([null, 'SIGTERM']);
  await untilGone(inner);
});

it('L13 a group is there for as long as something of it is, and is reached then', async () => {
  const { shell, pid, inner } = await startShell(true);
  const exited = once(shell, 'exit');
  process.kill(pid, 'SIGKILL');
  await exited;
  expect(hasGroup(pid)).toBe(true);
  signalGroup(shell, 'SIGKILL');
  await untilGone(inner);
});

it('a child that leads no group is signalled alone', async () => {
  const { shell, pid, inner } = await startShell(false);
  onTestFinished(() => void process.kill(inner, 'SIGKILL'));
  const exited = once(shell, 'exit');
  expect(hasGroup(pid)).toBe(false);
  signalGroup(shell, 'SIGTERM');
  expect(await exited).toEqual([null, 'SIGTERM']);
  expect(process.kill(inner, 0)).toBe(true);
});

it('a child that was never started, or is gone with its group, is no error', async () => {
  const missing = spawn('/no/such/program').on('error', () => {});
  signalGroup(missing, 'SIGTERM');
  const { shell, inner } = await startShell(true);
  signalGroup(shell, 'SIGKILL');
  await once(shell, 'exit');
  await untilGone(inner);
  signalGroup(shell, 'SIGKILL');
});
