// The same work with a recording and without: a flood of a scripted server, and turns on the real codex. The recording is
// part of the work: the clock stops when what has passed is on the disk.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { client as flood } from './events.mjs';
import { realClient as turns } from './turn-run.mjs';

export const floodAlone = (parameters) => flood(parameters);

export const floodRecorded = (parameters) => recorded((options) => flood({ ...parameters, ...options }));

export const turnsAlone = (parameters) => turns(parameters);

export const turnsRecorded = (parameters) => recorded((options) => turns({ ...parameters, ...options }));

/** Does work that takes `prepare`, which begins the recording, and `finish`, which waits for it. */
async function recorded(work) {
  const { recordTape } = await import('codex-async-client/testing');
  const folder = mkdtempSync(join(tmpdir(), 'codex-async-client-bench-'));
  let recording;
  const options = {
    prepare: (client) => {
      recording = recordTape(client, join(folder, 'tape.jsonl'));
    },
    finish: () => recording.stop(),
  };
  try {
    const figures = await work(options);
    const { missed } = await recording.finished;
    if (missed > 0) throw new Error(`the recording missed ${missed} lines`);
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
