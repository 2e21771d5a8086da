/** Plays a flow's program against a tape, in process and without codex; tells what both came to. */
import { AsyncClient, type AttachOptions, CodexClientError } from 'codex-async-client';
import { type ReplayOptions, type ReplayReport, replayTape, type Tape } from 'codex-async-client/testing';

import { type Flow, optionsOf, runFlow, type Stage } from './flow.js';
import { CWD } from './places.js';

/** What a program came to: what it returned, or how it failed. */
type Ending = { readonly outcome: unknown } | { readonly failure: unknown };

/** A replay that is over. */
export interface Replayed {
  readonly ending: Ending;
  readonly report: ReplayReport;
  /** Every line that passed, both ways. */
  readonly transcript: readonly string[];
}

/** Nothing happens around a program that is replayed: it is on the tape. */
const stageIn = (cwd: string): Stage => ({
  cwd,
  script: () => {},
  when: () => {},
  outside: async () => {},
});

/** In what a program differs from the one that was recorded. */
export interface Differences extends AttachOptions {
  /** The folder it works in. @defaultValue the one that was recorded */
  readonly cwd?: string;
}

/** Plays a flow against a tape; never rejects. */
export async function replayFlow(
  flow: Flow,
  tape: Tape,
  options: ReplayOptions = {},
  { cwd = CWD, ...differences }: Differences = {},
): Promise<Replayed> {
  const replay = replayTape(tape, options);
  const client = AsyncClient.attach(replay, { ...optionsOf(flow), ...differences });
  const transcript = transcriptOf(client);
  const ending = await runFlow(flow, client, stageIn(cwd)).then(
    (outcome): Ending => ({ outcome }),
    (failure: unknown): Ending => ({ failure }),
  );
  return { ending, report: await replay.finished, transcript: await transcript };
}

/** Every line, both ways, until the end of the conversation, however it ends. */
async function transcriptOf(client: AsyncClient): Promise<string[]> {
  const lines: string[] = [];
  try {
    for await (const frame of client.wire())
      lines.push('missed' in frame ? 'missed' : `${frame.direction} ${frame.text}`);
  } catch (error) {
    lines.push(`ended ${codesOf(error).join(' ')}`);
  }
  return lines;
}

/** The codes of an error and of its causes. */
export function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = error instanceof CodexClientError ? [error.code] : [];
  return [...own, ...codesOf(error.cause)];
}
