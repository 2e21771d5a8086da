/** Tapes that are made in a test, without a file, and a program that speaks with a replay line by line. */
import type { Readable, Writable } from 'node:stream';
import type { Tape, TapeEnd, TapeMessage } from '../../../src/testing/tapes/tape.js';

/** One line of a conversation. */
export type Said = { readonly sent: TapeMessage } | { readonly received: TapeMessage };

/** What comes after the last line. */
export type MadeEnd = Partial<Pick<TapeEnd, 'by' | 'exitCode' | 'signal'>>;

/** Each line comes so long after the one before it. */
export const GAP_MS = 10;

/** A tape of these lines; the first of them is line 2 of its file. */
export function madeTape(lines: readonly Said[], end?: MadeEnd): Tape {
  const atMs = (index: number) => (index + 1) * GAP_MS;
  return {
    path: 'made.jsonl',
    header: { tape: 1, recordedAt: '', protocol: '0.169.0', server: null },
    lines: lines.map((said, index) => {
      const place = { line: index + 2, atMs: atMs(index) };
      return 'sent' in said
        ? { kind: 'sent', ...place, message: said.sent }
        : { kind: 'received', ...place, message: said.received };
    }),
    end:
      end === undefined
        ? undefined
        : {
            kind: 'ended',
            line: lines.length + 2,
            atMs: atMs(lines.length),
            by: 'client',
            exitCode: null,
            signal: null,
            ...end,
          },
  };
}

const THREAD = { threadId: 't1' };
const turn = (status: string) => ({ id: 'u1', items: [], status, error: null });

/** The thread, the prompt and the final message of {@link TURN}. */
export const TURN_PARAMS = { ...THREAD, input: 'say héllo' } as const;
export const TURN_TEXT = 'héllo 🌍';

/** A turn in which a command is approved, recorded after the handshake; its approval is line 6. */
export const TURN_LINES: readonly Said[] = [
  {
    sent: {
      id: 7,
      method: 'turn/start',
      params: { ...THREAD, input: [{ type: 'text', text: TURN_PARAMS.input, text_elements: [] }] },
    },
  },
  { received: { id: 7, result: { turn: turn('inProgress') } } },
  { received: { method: 'turn/started', params: { ...THREAD, turn: turn('inProgress') } } },
  {
    received: {
      method: 'item/agentMessage/delta',
      params: { ...THREAD, turnId: 'u1', itemId: 'i', delta: TURN_TEXT },
    },
  },
  {
    received: {
      id: 0,
      method: 'item/commandExecution/requestApproval',
      params: { ...THREAD, turnId: 'u1', itemId: 'c', command: 'ls' },
    },
  },
  { sent: { id: 0, result: { decision: 'accept' } } },
  {
    received: {
      method: 'item/completed',
      params: { ...THREAD, turnId: 'u1', item: { type: 'agentMessage', id: 'i', text: TURN_TEXT } },
    },
  },
  { received: { method: 'turn/completed', params: { ...THREAD, turn: turn('completed') } } },
];

/** {@link TURN_LINES}, ended by the client. */
export const TURN = madeTape(TURN_LINES, { by: 'client', exitCode: 0 });

/** What a program speaks with. */
export interface Pipes {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** A program that reads everything, and sends what a test says. */
export class RawProgram {
  /** What came, as it came. */
  readonly chunks: Buffer[] = [];
  /** Everything on stderr. */
  log = '';
  /** With what stdout broke. */
  error: Error | undefined;
  hasEnded = false;
  readonly #pipes: Pipes;

  constructor(pipes: Pipes) {
    this.#pipes = pipes;
    pipes.stdin.on('error', () => {});
    pipes.stdout.on('error', (error) => {
      this.error = error;
    });
    pipes.stdout.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    pipes.stdout.on('end', () => {
      this.hasEnded = true;
    });
    pipes.stderr.on('data', (chunk: Buffer) => {
      this.log += chunk.toString();
    });
  }

  /** The messages that came whole. */
  get messages(): TapeMessage[] {
    const lines = Buffer.concat(this.chunks).toString().split('\n').slice(0, -1);
    return lines.map((line): TapeMessage => JSON.parse(line));
  }

  /** Sends lines in one chunk; settles when nothing more comes of it at once. */
  async send(...messages: readonly TapeMessage[]): Promise<void> {
    this.#pipes.stdin.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
    await quiet();
  }

  async end(): Promise<void> {
    this.#pipes.stdin.end();
    await quiet();
  }
}

/** Settles when all is done that waits for turns of the event loop alone. */
export async function quiet(turns = 25): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
