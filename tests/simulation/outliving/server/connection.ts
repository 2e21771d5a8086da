/** One connection to the small codex: its pipes, what it subscribed to, and what was told over it. */
import type { Lens } from '../../server/outgoing.js';
import { Outgoing } from '../../server/outgoing.js';
import { type ChildOwner, SimulatedChild } from '../../server/simulated-child.js';
import { type Params, type SentLine, WireBook } from '../../server/wire-book.js';
import type { Transcript } from '../../world/transcript.js';

/** A line of the client, parsed. */
export interface ClientLine {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Who a connection leads to. */
export interface Listener {
  took(connection: Connection, line: ClientLine): void;
  /** The connection is gone. */
  lost(connection: Connection): void;
}

/** A message about a thread that was written into a connection. */
export interface ToldLine {
  readonly line: SentLine;
  readonly threadId: string;
  /** The mark in the text of a delta, which names it also when it was merged. */
  readonly mark: number | undefined;
}

/** The connection. */
export class Connection implements ChildOwner {
  readonly number: number;
  readonly book = new WireBook();
  readonly child: SimulatedChild;
  readonly out: Outgoing;
  /** Threads whose turns and items are told here. */
  readonly threads = new Set<string>();
  readonly said: ToldLine[] = [];
  /** Lines as the client wrote them. */
  readonly received: string[] = [];
  isOpen = true;
  readonly #listener: Listener;
  readonly #transcript: Transcript;
  readonly #lens: Lens;
  readonly #clock: { readonly turns: number };
  #rest = '';

  constructor(
    number: number,
    listener: Listener,
    transcript: Transcript,
    options: { readonly pipeBytes: number; readonly lens: Lens; readonly clock: { readonly turns: number } },
  ) {
    this.number = number;
    this.#listener = listener;
    this.#transcript = transcript;
    this.#lens = options.lens;
    this.#clock = options.clock;
    this.child = new SimulatedChild(this, options.pipeBytes, 'exits at the end of stdin', true);
    this.out = new Outgoing(this.book, this.child, transcript, options.lens);
    this.child.child.once('exit', () => {
      this.isOpen = false;
      listener.lost(this);
    });
  }

  read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const written of lines) {
      this.received.push(written);
      const line = this.#lens.toServer?.(written) ?? written;
      this.#transcript.note('client', `${this.number}: ${line === '' ? '(swallowed)' : line}`);
      for (const one of line.split('\n'))
        if (one !== '') this.#listener.took(this, JSON.parse(one) as ClientLine);
    }
  }

  delivered(bytes: number): void {
    this.#transcript.note('server', `${this.number}: (${bytes} bytes of it reach the client)`);
    this.book.delivered(bytes, this.#clock.turns);
  }

  told(what: string): void {
    this.#transcript.note('client', `${this.number}: (${what})`);
  }

  /** Tells something of a thread. The params say which connection it came over; the line says where in it. */
  tell(method: string, threadId: string, params: Params, mark?: number): ToldLine {
    return this.#said({
      line: this.out.notify(method, { threadId, ...params, c: this.number }),
      threadId,
      mark,
    });
  }

  /** Asks something of a thread. */
  ask(id: number, method: string, threadId: string, params: Params): ToldLine {
    const line = this.out.ask(id, method, { threadId, ...params, c: this.number });
    return this.#said({ line, threadId, mark: undefined });
  }

  /** The client has read it. */
  hasRead({ line }: ToldLine): boolean {
    return this.said.some((said) => said.line === line) && this.book.hasDelivered(line);
  }

  /** The client has answered the request of this id, and the process has not read that. */
  hasUnreadAnswer(id: number): boolean {
    const lines = (this.#rest + this.child.unread).split('\n').slice(0, -1);
    return lines
      .map((line) => JSON.parse(line) as ClientLine)
      .some((line) => line.method === undefined && line.id === id);
  }

  #said(line: ToldLine): ToldLine {
    this.said.push(line);
    return line;
  }
}
