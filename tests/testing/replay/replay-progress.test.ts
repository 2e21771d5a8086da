/** Conversations by chance, and programs that send what was recorded in any order that can be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaultPlan } from '../../../src/testing/replay/faults.js';
import { SeededRandom } from '../../../src/testing/replay/seeded-random.js';
import { startReplay } from '../../../src/testing/replay/tape-replay.js';
import type { Tape, TapeMessage } from '../../../src/testing/tapes/tape.js';
import { anyTape, linesOf } from './any-conversation.js';
import { RawProgram } from './made-tapes.js';

/** The program's ids are not those of the recording. */
const OWN_IDS = 1_000;
const isAnswer = ({ method }: TapeMessage) => method === undefined;

/** What happened, step by step: which line was sent, and what came in which chunks. */
interface Transcript {
  readonly steps: { readonly sent: number; readonly came: readonly string[] }[];
  readonly messages: readonly TapeMessage[];
  readonly report: unknown;
}

/** Sends the recorded lines in an order by chance, answers only to what was asked, some of them together. */
async function converse(tape: Tape, order: number, seed?: number, faults?: FaultPlan): Promise<Transcript> {
  const replay = startReplay(tape, { seed, faults, stallMs: Number.POSITIVE_INFINITY });
  const program = new RawProgram(replay);
  const random = new SeededRandom(order);
  const steps: { sent: number; came: string[] }[] = [];
  const waiting = linesOf(tape, 'sent');
  const next = () => {
    const asked = new Set(program.messages.map(({ id }) => id));
    const can = waiting.filter(({ message }) => !isAnswer(message) || asked.has(message['id']));
    const [line] = can.length === 0 ? [] : can.splice(random.below(can.length), 1);
    if (line !== undefined) waiting.splice(waiting.indexOf(line), 1);
    return line;
  };
  await program.send();
  for (let line = next(); line !== undefined; line = next()) {
    const before = program.chunks.length;
    const { id } = line.message;
    const isRequest = id !== undefined && !isAnswer(line.message);
    await program.send(isRequest ? { ...line.message, id: OWN_IDS + Number(id) } : line.message);
    steps.push({
      sent: line.line,
      came: program.chunks.slice(before).map((chunk) => chunk.toString('latin1')),
    });
  }
  await program.end();
  return { steps, messages: program.messages, report: await replay.finished };
}

/** A recorded line of the server as a program with its own ids gets it. */
const asGiven = ({ message }: { readonly message: TapeMessage }) =>
  isAnswer(message) ? { ...message, id: OWN_IDS + Number(message['id']) } : message;

describe('a conversation by chance', () => {
  it('L23 gives every line of the server once, in order, in whatever order the program can send its own', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTape,
        fc.nat(),
        fc.option(fc.nat(), { nil: undefined }),
        async (tape, order, seed) => {
          const { messages, report } = await converse(tape, order, seed);
          expect(messages).toEqual(linesOf(tape, 'received').map(asGiven));
          expect(report).toMatchObject({ mismatch: undefined, unsent: [], unplayed: [], exitCode: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('L23 never gives a line before each line of the client that came before it', async () => {
    await fc.assert(
      fc.asyncProperty(anyTape, fc.nat(), async (tape, order) => {
        const { steps, messages } = await converse(tape, order);
        const received = linesOf(tape, 'received');
        let given = messages.length - steps.flatMap(({ came }) => came.join('').split('\n').slice(1)).length;
        const sent = new Set<number>();
        for (const step of steps) {
          sent.add(step.sent);
          given += step.came.join('').split('\n').length - 1;
          const last = received[given - 1]?.line ?? 0;
          for (const { line } of linesOf(tape, 'sent')) if (line < last) expect(sent).toContain(line);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('L23 is the same byte for byte with the same seed and faults', async () => {
    await fc.assert(
      fc.asyncProperty(anyTape, fc.nat(), fc.nat(), fc.nat(), async (tape, order, seed, at) => {
        const line = tape.lines[at % Math.max(1, tape.lines.length)]?.line ?? 1;
        const faults: FaultPlan = at % 3 === 0 ? [] : [{ fault: 'crash', afterLine: line }];
        expect(await converse(tape, order, seed, faults)).toEqual(await converse(tape, order, seed, faults));
      }),
      { numRuns: 40 },
    );
  });
});
