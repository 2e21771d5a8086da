/** A real codex is killed at all kinds of moments, under a host that has to end by itself afterwards. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { runningOf } from '../support/processes.js';
import { SCENES } from './codex-scenes.js';

const HOST = fileURLToPath(new URL('codex-host.ts', import.meta.url));

interface Report {
  readonly problems: readonly string[];
  readonly pid: number;
}

async function runScene(signal: string, scene: string): Promise<Report> {
  const argv = ['--import', 'tsx', '--trace-warnings', '--unhandled-rejections=strict', HOST, signal, scene];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 1 << 24 });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Report;
}

describe.each(['SIGTERM', 'SIGKILL'])('L9 L10 when a real codex gets %s', (signal) => {
  test.each(Object.keys(SCENES))(
    'L9 L10 L13 %s, everything settles with one error and nothing is left',
    async (scene) => {
      const { problems, pid } = await runScene(signal, scene);
      expect(problems).toEqual([]);
      expect(await runningOf([pid], 'codex')).toEqual([]);
    },
  );
});
