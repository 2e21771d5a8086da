/**
 * Records a flow against a real codex: a server of its own, in a home of its own, with a scripted model. Its outcome is
 * checked before the tape is kept, and nothing of the machine is left on it.
 */
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider, recordTape } from 'codex-async-client/testing';
import { type Flow, optionsOf, runFlow, type Stage } from './flow.js';
import { CWD, HOME } from './places.js';
import { stableTape } from './stable-tape.js';

/**
 * Records a flow; gives back its tape.
 *
 * @throws Error when it does not come to its outcome
 */
export async function recordFlow(flow: Flow, codexPath: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'codex-tapes-')));
  try {
    return await recordIn(folder, flow, codexPath);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
}

async function recordIn(folder: string, flow: Flow, codexPath: string): Promise<string> {
  const home = join(folder, HOME);
  const [cwd, codexHome] = [join(folder, CWD), join(home, '.codex')];
  await Promise.all([cwd, codexHome].map((path) => mkdir(path, { recursive: true })));
  await using provider = await LocalModelProvider.start({ codexHome, config: flow.config });
  const { options } = provider;
  const env = { ...options.env, HOME: home, SHELL: '/bin/sh', TMPDIR: join(folder, 'tmp') };
  const client = await AsyncClient.spawn({ ...options, env, cwd, codexPath, ...optionsOf(flow) });
  const path = join(folder, 'tape.jsonl');
  const redact = { strings: { [home]: HOME, [folder]: '/tmp' } };
  const recording = recordTape(client, path, { redact });
  const outcome = await runFlow(flow, client, stageOf(provider, cwd));
  await recording.finished;
  if (!isDeepStrictEqual(outcome, flow.outcome))
    throw new Error(`it came to ${JSON.stringify(outcome)}, expected ${JSON.stringify(flow.outcome)}`);
  return stableTape(await readFile(path, 'utf8'));
}

function stageOf(provider: LocalModelProvider, cwd: string): Stage {
  return {
    cwd,
    script: (...replies) => provider.enqueue(...replies),
    when: (match, ...replies) => provider.when(match, ...replies),
    outside: async (act) => void (await act()),
  };
}
