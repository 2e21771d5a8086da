/** What the server says: lines that wait for the chunk that carries them, each on record, and the chunks. */
import type { Random } from '../world/random.js';
import type { Transcript } from '../world/transcript.js';
import type { SimulatedChild } from './simulated-child.js';
import type { Draft, Params, SentLine, WireBook } from './wire-book.js';

/** Changes what passes between the server and the client behind the back of both: a planted bug. */
export interface Lens {
  /** What the client gets in place of a line of the server. */
  toClient?(text: string, line: Omit<Draft, 'text'>): string;
  /** What the server gets in place of a line of the client. */
  toServer?(text: string): string;
}

const NEWLINE = 0x0a;

/** Writes lines. */
export class Outgoing {
  readonly book: WireBook;
  readonly #child: SimulatedChild;
  readonly #transcript: Transcript;
  readonly #lens: Lens;
  #waiting: string[] = [];

  constructor(book: WireBook, child: SimulatedChild, transcript: Transcript, lens: Lens) {
    this.book = book;
    this.#child = child;
    this.#transcript = transcript;
    this.#lens = lens;
  }

  /** Lines wait for their chunk. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  notify(method: string, params: Params): SentLine {
    const n = this.book.messages.length;
    const text = JSON.stringify({ method, params: { ...params, n }, emittedAtMs: n });
    return this.#post({ kind: 'notification', method, ...scope(params), text });
  }

  ask(id: number, method: string, params: Params): SentLine {
    const n = this.book.messages.length;
    return this.#post({
      kind: 'request',
      method,
      id,
      ...scope(params),
      text: JSON.stringify({ id, method, params: { ...params, n } }),
    });
  }

  answer(
    id: number | string,
    method: string,
    body: { readonly result?: unknown; readonly error?: unknown },
  ): SentLine {
    return this.#post({ kind: 'answer', method, id, text: JSON.stringify({ id, ...body }) });
  }

  noise(): SentLine {
    return this.#post({ kind: 'noise', text: 'warning: this is no message — ☂' });
  }

  /** Everything that waits goes out, in chunks that end anywhere. */
  flush(random: Random, cuts: number): void {
    const bytes = Buffer.from(this.#waiting.splice(0).join(''));
    if (bytes.length === 0) return;
    const ends = Array.from({ length: cuts }, () => random.below(bytes.length + 1));
    let start = 0;
    for (const end of [...ends, bytes.length].sort((a, b) => a - b)) {
      if (end > start) this.#write(bytes.subarray(start, end));
      start = end;
    }
  }

  /** A line is cut off in its middle by the server's end: what waits goes out but for its last bytes. */
  flushTorn(random: Random): void {
    const bytes = Buffer.from(this.#waiting.splice(0).join(''));
    if (bytes.length <= 2) return;
    const end = random.between(1, bytes.length - 2);
    // A whole line that lacks its end alone is read as one.
    this.#write(bytes.subarray(0, bytes[end] === NEWLINE ? end + 1 : end));
  }

  /** A line that begins as a message does, and is none. */
  flushBroken(): void {
    this.#transcript.note('fault', 'writes a line that is no message');
    this.#write(Buffer.from('{"method": \n'));
  }

  #write(chunk: Buffer): void {
    if (this.#child.hasEnded) return;
    this.book.flushedBytes += chunk.length;
    this.#child.write(chunk);
  }

  #post(draft: Draft): SentLine {
    const { text: plain, ...rest } = draft;
    const text = this.#lens.toClient?.(`${plain}\n`, rest) ?? `${plain}\n`;
    const line = this.book.add({ ...rest, text });
    this.#transcript.note('server', text === '' ? '(swallowed)' : text);
    this.#waiting.push(text);
    return line;
  }
}

function scope(params: Params): { threadId?: string; turnId?: string } {
  const threadId = params['threadId'] ?? member(params['thread']);
  const turnId = params['turnId'] ?? member(params['turn']);
  return {
    ...(typeof threadId === 'string' ? { threadId } : {}),
    ...(typeof turnId === 'string' ? { turnId } : {}),
  };
}

function member(of: unknown): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, 'id') : undefined;
}
