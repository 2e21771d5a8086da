/**
 * Scenes of a real codex that is killed: each brings it to some point, and says what a user has going on there. The
 * killing, and the looking at what comes of it, is the host's.
 */
import type { AsyncClient, ServerMessage } from '../../src/index.js';
import { gate, type LocalModelProvider, shellCommand, text } from '../../src/testing/index.js';
import { sized } from '../helpers/sizes.js';
import type { Tracked } from './tracked.js';

/** What a scene has to work with. */
export interface Stage {
  readonly client: AsyncClient;
  readonly provider: LocalModelProvider;
  /** The user's promises; all of them have to settle. */
  readonly tracked: Tracked;
  /** Everything the user's loops were handed. */
  readonly handed: ServerMessage[];
  /** What is looked at after the end, beside what is looked at in every scene: a problem in a sentence, or nothing. */
  readonly looks: (() => string | undefined)[];
}

/** Brings codex to the point where it is killed. */
type Scene = (stage: Stage) => Promise<void>;

/** The scenes by name. */
export const SCENES: Readonly<Record<string, Scene>> = {
  'before anything was asked': async ({ client, tracked }) => {
    tracked.add('a read', client.events({ threadId: 'none' }).next());
  },

  'with requests in flight and in line': async ({ client, tracked }) => {
    for (let n = 0; n < 200; n += 1) tracked.add(`request ${n}`, client.configRead({ includeLayers: true }));
  },

  'while turn/start is on its way': async (stage) => {
    const { thread } = await stage.client.threadStart({});
    stage.tracked.add('run', stage.client.turnRun({ threadId: thread.id, input: 'go' }).result());
  },

  'in the middle of a text': async (stage) => {
    const middle = gate();
    stage.provider.enqueue(text('one ', 'two ', middle, 'three'));
    const { thread } = await stage.client.threadStart({});
    runTurn(stage, thread.id);
    await middle.reached;
    await handedWhere(
      stage,
      (message) => message.method === 'item/agentMessage/delta' && message.params.delta === 'two ',
    );
    stage.looks.push(
      () => differsFrom('the text that was handed out', textOf(stage), 'one two '),
      () => differsFrom('the times that the model was asked', stage.provider.requests.length, 1),
      () => {
        const ends = stage.handed.filter(({ method }) => method === 'turn/completed');
        return differsFrom('the ends that were handed out', ends.length, 0);
      },
    );
  },

  'while an approval is pending': async (stage) => {
    stage.provider.enqueue(shellCommand('echo hi', { escalate: true }));
    const { thread } = await stage.client.threadStart({ approvalPolicy: 'on-request' });
    runTurn(stage, thread.id);
    await handedWhere(stage, ({ kind }) => kind === 'request');
  },

  'in the middle of many turns, however they are read': async ({ client, provider, tracked }) => {
    const gates = Array.from({ length: sized(50, 15) }, () => gate());
    for (const [n, middle] of gates.entries()) {
      provider.when({ userText: `<${n}>` }, text('held ', middle));
      const { thread } = await client.threadStart({});
      const run = client.turnRun({ threadId: thread.id, input: `<${n}>` });
      const read = [() => run.result(), () => readAll(run), () => readAll(run.text())][n % 3];
      if (read !== undefined) tracked.add(`run ${n}`, read());
    }
    await Promise.all(gates.map(({ reached }) => reached));
  },

  'while it floods and nobody reads': async (stage) => {
    // Numbered, so that a gap would show.
    stage.provider.enqueue(text(...Array.from({ length: 5_000 }, (_, n) => `${n}`), gate()));
    const { thread } = await stage.client.threadStart({});
    await stage.client.turnStart({
      threadId: thread.id,
      input: 'go',
    });
    // The reading has stopped, so the pipe is full or about to be.
    while (!stage.client.stats().paused.now) await new Promise((resolve) => setImmediate(resolve));
  },
};

/** A run that is iterated and whose result is awaited, with another one in line behind it. */
function runTurn({ client, tracked, handed }: Stage, threadId: string): void {
  const run = client.turnRun({ threadId, input: 'go' });
  const loop = async () => {
    for await (const message of run) handed.push(message);
  };
  tracked.add(`the loop over the run of ${threadId}`, loop());
  tracked.add(`the result of the run of ${threadId}`, run.result());
  const behind = client.turnRun({ threadId, input: 'later' });
  tracked.add(`the run behind it of ${threadId}`, behind.result());
  tracked.add(`the loop over the run behind it of ${threadId}`, behind.next());
}

async function readAll(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}

function textOf({ handed }: Stage): string {
  return handed
    .map((message) => (message.method === 'item/agentMessage/delta' ? message.params.delta : ''))
    .join('');
}

function differsFrom(what: string, is: string | number, expected: string | number): string | undefined {
  return is === expected ? undefined : `${what}: ${is} instead of ${expected}`;
}

async function handedWhere({ handed }: Stage, matches: (message: ServerMessage) => boolean): Promise<void> {
  while (!handed.some(matches)) await new Promise((resolve) => setImmediate(resolve));
}
