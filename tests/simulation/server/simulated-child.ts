/**
 * A child process without a process: a stdin that is read as long as the server reads, a stdout in whose chunks the server
 * writes, an exit, and the signals it was sent. It knows which bytes have been handed to the client.
 */
import { ChildProcess } from 'node:child_process';
import { Readable, Writable } from 'node:stream';

/** How the child takes the end of its stdin and signals. */
export type Stubbornness =
  | 'exits at the end of stdin'
  | 'exits at SIGTERM'
  | 'exits at SIGKILL'
  | 'never exits';

/** What ends a child, the mildest first: each also ends one that a milder one would have ended. */
const ENDS = { 'end of stdin': 0, SIGTERM: 1, SIGKILL: 2 };
const ENDED_BY: Readonly<Record<Stubbornness, number>> = {
  'exits at the end of stdin': 0,
  'exits at SIGTERM': 1,
  'exits at SIGKILL': 2,
  'never exits': 3,
};

/** What the child does with what it is told. */
export interface ChildOwner {
  /** A chunk of stdin was read. */
  read(text: string): void;
  /** These bytes of stdout have reached the client. */
  delivered(bytes: number): void;
  /** A signal, or the end of stdin. */
  told(what: 'end of stdin' | 'SIGTERM' | 'SIGKILL'): void;
}

/** The child. */
export class SimulatedChild {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr = new Readable({ read: () => {} });
  readonly signals: { readonly signal: string; readonly atMs: number }[] = [];
  /** When the client said that no more comes. */
  stdinEndedAtMs: number | undefined;
  hasExited = false;
  readonly #owner: ChildOwner;
  readonly #stubbornness: Stubbornness;
  readonly #buffers: boolean;
  #isReading = true;
  #unread: { readonly text: string; readonly take: () => void }[] = [];
  #hasEnded = false;

  /** @param buffers - what is not read is taken all the same, as by the pipe of a system */
  constructor(owner: ChildOwner, pipeBytes: number, stubbornness: Stubbornness, buffers = false) {
    this.#owner = owner;
    this.#buffers = buffers;
    this.#stubbornness = stubbornness;
    this.stdin = new Writable({
      highWaterMark: pipeBytes,
      decodeStrings: false,
      write: (chunk, _encoding, done) => this.#written(String(chunk), done),
      final: (done) => {
        done();
        this.#whenReading('', () => this.#tell('end of stdin'));
      },
    });
    this.stdout = new Readable({ read: () => {} });
    const end = this.stdin.end.bind(this.stdin);
    Object.assign(this.stdin, {
      end: () => {
        this.stdinEndedAtMs ??= performance.now();
        return end();
      },
    });
    // Before the client's: what a chunk brings is on record when the client reads it.
    this.stdout.on('data', (chunk: Buffer) => owner.delivered(chunk.length));
    // Without a process there is nothing to construct; the client looks at the class and these members.
    const child: object = Object.create(ChildProcess.prototype);
    const { stdin, stdout, stderr } = this;
    Object.assign(child, { stdin, stdout, stderr, pid: 4_242, exitCode: null, signalCode: null });
    Object.assign(child, { kill: (signal: string) => this.#signalled(signal) });
    this.child = child as ChildProcess;
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  /** The client wrote what the server has not read. */
  get holdsInput(): boolean {
    return this.#unread.length > 0;
  }

  /** What the client wrote, and the server has not read. */
  get unread(): string {
    return this.#unread.map(({ text }) => text).join('');
  }

  /** Stdout takes no more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Writes one chunk. */
  write(chunk: Buffer): void {
    if (!this.#hasEnded) this.stdout.push(chunk);
  }

  /** From now on stdin is not read, and its pipe fills. */
  stopReading(): void {
    this.#isReading = false;
  }

  readAgain(): void {
    this.#isReading = true;
    for (const { take } of this.#unread.splice(0)) take();
  }

  endOutput(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.stdout.push(null);
  }

  /** Nobody reads any more: what is written from now on is nobody's. */
  abandon(): void {
    this.#hasEnded = true;
  }

  /** The process is gone. A grandchild may keep its output open. */
  exit(exitCode: number | null, signal: string | null, keepsOutputOpen = false): void {
    if (this.hasExited) return;
    this.hasExited = true;
    Object.assign(this.child, { exitCode, signalCode: signal });
    this.#unread = [];
    if (!this.stdin.destroyed) this.stdin.destroy();
    this.child.emit('exit', exitCode, signal);
    this.stderr.push(null);
    if (!keepsOutputOpen) this.endOutput();
  }

  #written(text: string, done: () => void): void {
    this.#whenReading(text, () => {
      this.#owner.read(text);
      if (!this.#buffers) done();
    });
    if (this.#buffers) done();
  }

  #whenReading(text: string, take: () => void): void {
    if (this.#isReading) take();
    else this.#unread.push({ text, take });
  }

  #signalled(signal: string): boolean {
    this.signals.push({ signal, atMs: performance.now() });
    this.#tell(signal === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL');
    return true;
  }

  #tell(what: keyof typeof ENDS): void {
    this.#owner.told(what);
    if (ENDS[what] < ENDED_BY[this.#stubbornness]) return;
    setImmediate(() => this.exit(what === 'end of stdin' ? 0 : null, what === 'end of stdin' ? null : what));
  }
}
