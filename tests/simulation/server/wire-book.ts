/** The ground truth of what the server wrote: every line with its number and where it ends, and how far the client got. */

/** Anything that is a member of JSON-RPC. */
export type Params = Readonly<Record<string, unknown>>;

/** A line of the server. */
export interface SentLine {
  readonly kind: 'notification' | 'request' | 'answer' | 'noise';
  /** Counts notifications and requests; for others how many of those went before. */
  readonly serial: number;
  readonly method: string | undefined;
  readonly id: number | string | undefined;
  readonly threadId: string | undefined;
  readonly turnId: string | undefined;
  readonly bytes: number;
  /** Where the line ends in the output. */
  readonly end: number;
  /** The turn of the event loop in which the client had it whole. */
  readInTurn?: number;
}

/** A line before it is counted. */
export type Draft = Pick<SentLine, 'kind'> &
  Partial<Pick<SentLine, 'method' | 'id' | 'threadId' | 'turnId'>> & { readonly text: string };

/** Keeps the books. */
export class WireBook {
  readonly lines: SentLine[] = [];
  /** Notifications and requests by serial. */
  readonly messages: SentLine[] = [];
  /** Bytes that went out. */
  flushedBytes = 0;
  #bytes = 0;
  #deliveredBytes = 0;
  #deliveredLines = 0;
  /** How many notifications and requests have reached the client whole. */
  deliveredMessages = 0;
  /** How many messages the largest chunk carried. */
  mostInOneRead = 0;
  largestChunkBytes = 0;

  get deliveredBytes(): number {
    return this.#deliveredBytes;
  }

  /** Counts a line that is written now. */
  add({ text, ...draft }: Draft): SentLine {
    const bytes = Buffer.byteLength(text);
    this.#bytes += bytes;
    const { method, id, threadId, turnId, kind } = draft;
    const end = this.#bytes;
    const line: SentLine = { kind, serial: this.messages.length, method, id, threadId, turnId, bytes, end };
    this.lines.push(line);
    if (kind === 'notification' || kind === 'request') this.messages.push(line);
    return line;
  }

  /** A chunk has reached the client; gives back the lines that are whole by it. */
  delivered(bytes: number, turn: number): SentLine[] {
    this.#deliveredBytes += bytes;
    const whole: SentLine[] = [];
    for (;;) {
      const line = this.lines[this.#deliveredLines];
      if (line === undefined || line.end > this.#deliveredBytes) break;
      this.#deliveredLines += 1;
      line.readInTurn = turn;
      if (line.kind === 'notification' || line.kind === 'request') this.deliveredMessages += 1;
      whole.push(line);
    }
    this.mostInOneRead = Math.max(this.mostInOneRead, whole.length);
    this.largestChunkBytes = Math.max(this.largestChunkBytes, bytes);
    return whole;
  }

  /** A line was delivered whole. */
  hasDelivered(line: SentLine): boolean {
    return line.end <= this.#deliveredBytes;
  }
}

/** The text of the input of a `turn/start`. */
export function inputOf({ input }: Params): string {
  const first: unknown = Array.isArray(input) ? input[0] : undefined;
  return typeof first === 'object' && first !== null ? String(Reflect.get(first, 'text')) : '';
}
