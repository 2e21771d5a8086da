/**
 * A whole turn of the real codex, with a scripted model on this machine, in a temporary home: what works here works
 * without account, network and configuration. No model that costs anything is asked.
 */
import { AsyncClient } from '../client/async-client.js';
import { LocalModelProvider } from '../testing/model/local-model-provider.js';
import { text } from '../testing/model/reply-builders.js';
import { attempt, failure } from './attempt.js';
import { type Finding, skipped } from './finding.js';
import { sandboxFinding } from './sandbox-check.js';
import type { ServerCheck } from './server-check.js';

const WORDS = ['It ', 'works.'] as const;
const TRIAL = 'a scripted turn in a temporary home';

/** The turn, and one command in the sandbox. Nothing that was started is left when it settles. Never rejects. */
export async function trialFindings(check: ServerCheck): Promise<Finding[]> {
  try {
    const provider = await LocalModelProvider.start({ replies: [text(...WORDS)] });
    try {
      return await trial(check, provider);
    } finally {
      await provider.close();
    }
  } catch (error) {
    return [failure('turn', error), ...skipped(['sandbox'], 'there was no codex to ask')];
  }
}

async function trial(
  { codexPath, limits }: ServerCheck,
  { options }: LocalModelProvider,
): Promise<Finding[]> {
  const { handshakeMs, answerMs: requestTimeoutMs, graceMs: shutdownGraceMs, turnMs, signal } = limits;
  const cwd = options.env['HOME'] ?? options.codexHome;
  const watch = new Stopwatch();
  const ours = { codexPath, cwd, requestTimeoutMs, shutdownGraceMs, allowUnsupportedServer: true };
  const client = await AsyncClient.spawn({ ...options, ...ours });
  try {
    watch.lap('spawnMs');
    await client.initialize(undefined, { timeoutMs: handshakeMs, signal });
    watch.lap('handshakeMs');
    const turn = await attempt('turn', turnMs, () => turnFinding(client, cwd, watch), signal);
    const sandbox = await attempt('sandbox', requestTimeoutMs, () => sandboxFinding(client, cwd), signal);
    return [turn, sandbox];
  } finally {
    await client.shutdown();
  }
}

async function turnFinding(client: AsyncClient, cwd: string, watch: Stopwatch): Promise<Finding> {
  const { thread } = await client.threadStart({ cwd, approvalPolicy: 'never', sandbox: 'read-only' });
  watch.lap('threadStartMs');
  const turn = new Stopwatch();
  const run = client.turnRun({ threadId: thread.id, input: 'Does it work?' });
  let firstDeltaMs: number | undefined;
  for await (const { method } of run)
    if (method === 'item/agentMessage/delta') firstDeltaMs ??= turn.elapsedMs;
  const { finalMessage } = await run.result();
  const details = { ...watch.laps, firstDeltaMs: firstDeltaMs ?? null, turnMs: turn.elapsedMs };
  if (finalMessage === WORDS.join(''))
    return { check: 'turn', status: 'ok', finding: `${TRIAL} was completed: ${textOf(details)}`, details };
  const finding = `${TRIAL} had another answer than its model gave: ${JSON.stringify(finalMessage)}`;
  return { check: 'turn', status: 'fail', finding, details };
}

/** What the times are called, in their order. */
const NAMES = [
  ['spawnMs', 'process'],
  ['handshakeMs', 'handshake'],
  ['threadStartMs', 'thread/start'],
  ['firstDeltaMs', 'first delta'],
  ['turnMs', 'whole turn'],
] as const;

function textOf(times: Readonly<Record<string, number | null>>): string {
  return NAMES.map(([name, words]) => `${words} ${times[name]} ms`).join(', ');
}

/** How long each step takes, in whole milliseconds. */
class Stopwatch {
  readonly #laps = new Map<string, number>();
  #from = performance.now();

  /** Since the last lap, or since it was made. */
  get elapsedMs(): number {
    return Math.round(performance.now() - this.#from);
  }

  get laps(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#laps);
  }

  lap(name: string): void {
    this.#laps.set(name, this.elapsedMs);
    this.#from = performance.now();
  }
}
