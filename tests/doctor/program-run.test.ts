/** A program that is run to its end, or for so long. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SpawnError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { runProgram } from '../../src/doctor/program-run.js';

const node = (code: string, limitMs: number) =>
  runProgram(process.execPath, ['-e', code], { limitMs, graceMs: 200 });

test('tells what it printed, and its exit code', async () => {
  const run = await node('console.log("hello"); process.exitCode = 3', 60_000);
  expect(run).toMatchObject({ stdout: 'hello\n', isOver: true, exitCode: 3 });
  expect(run.tookMs).toBeGreaterThan(0);
});

test('its input is at its end', async () => {
  const run = await node('process.stdin.resume().on("end", () => console.log("over"))', 60_000);
  expect(run).toMatchObject({ stdout: 'over\n', isOver: true, exitCode: 0 });
});

test('keeps little of what it prints, and lets it go on', async () => {
  const run = await node('process.stdout.write("x".repeat(3_000_000))', 60_000);
  expect(run).toMatchObject({ isOver: true, exitCode: 0 });
  expect(run.stdout.length).toBeLessThan(1_000_000);
});

test.skipIf(process.platform === 'win32')(
  'one that does not end is ended, with what it has started',
  async () => {
    // Known by its argument: however early its time is up, nothing of it may be left.
    const seconds = `1000.${process.pid}`;
    const script = `trap "" TERM; sleep ${seconds} & wait; sleep ${seconds}`;
    const run = await runProgram('/bin/sh', ['-c', script], { limitMs: 500, graceMs: 100 });
    expect(run).toMatchObject({ isOver: false });
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args='], { maxBuffer: 1 << 24 });
    expect(stdout).not.toContain(`sleep ${seconds}`);
  },
);

test('one is ended at once when its signal fires', async () => {
  const limits = { limitMs: 600_000, graceMs: 200, signal: AbortSignal.abort() };
  const run = await runProgram(process.execPath, ['-e', 'setInterval(() => 0, 1_000)'], limits);
  expect(run).toMatchObject({ isOver: false });
});

test('one that cannot be started is an error', async () => {
  const running = runProgram('/nowhere/at-all', [], { limitMs: 1_000, graceMs: 100 });
  await expect(running).rejects.toThrow(SpawnError);
});
