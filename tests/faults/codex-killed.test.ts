/** A real codex is killed at all kinds of moments, under a host that has to end by itself afterwards. */
import { describe, expect, test } from 'vitest';
import { runningOf } from '../helpers/processes.js';
import { SCENES } from './codex-scenes.js';
import { type HostReport, runHost } from './hosts.js';

const HOST = 'codex-host.ts';

interface SceneReport extends HostReport {
  readonly pid: number;
}

describe.each(['SIGTERM', 'SIGKILL'])('L9 L10 when a real codex gets %s', (signal) => {
  test.each(Object.keys(SCENES))(
    'L9 L10 L13 %s, everything settles with one error and nothing is left',
    async (scene) => {
      const { pid } = await runHost<SceneReport>(HOST, [signal, scene]);
      expect(await runningOf([pid], 'codex')).toEqual([]);
    },
  );
});
