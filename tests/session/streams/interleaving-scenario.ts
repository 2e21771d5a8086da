/**
 * Runs one interleaving against a client in this process and keeps the books that the laws are judged by: what went
 * over the wire in which order, which stream handed out what, and how every call ended.
 */
import {
  BackpressureError,
  ConcurrentReadError,
  type EventFilter,
  type EventStream,
  ServerClosedError,
  type ServerMessage,
  type ServerRequest,
} from 'codex-async-client';
import { expect } from 'vitest';
import { takes } from '../../helpers/filter-oracle.js';
import { ask, delta, numberOf, wire } from '../../helpers/messages.js';
import { microtasks, PipedServer, turn } from '../../helpers/piped-server.js';
import { ABORTED, type TrackedCall } from './interleaving-outcomes.js';
import type { Limits, Step, WireItem } from './interleaving-steps.js';

/** A stream and what it handed out. */
interface OpenStream {
  readonly filter: EventFilter;
  /** Undefined for the main stream, which `nextMessage` reads. */
  readonly stream: EventStream | undefined;
  readonly handed: number[];
  inFlight: Promise<void> | undefined;
}

/** One run. */
export class Scenario {
  readonly server: PipedServer;
  readonly limits: Limits;
  /** Messages in wire order; the index is the number. */
  readonly sent: ServerMessage[] = [];
  readonly streams: OpenStream[] = [{ filter: {}, stream: undefined, handed: [], inFlight: undefined }];
  readonly calls: TrackedCall[] = [];
  readonly handed: number[] = [];
  /** Numbers of notifications and answers, in the order of the calls that wrote them. */
  readonly written: number[] = [];
  largestChunkBytes = 0;
  longestLineBytes = 0;
  /** The most requests that the server had and had not answered, looked at whenever it answers. */
  mostUnanswered = 0;
  /** The most messages held before {@link Scenario.run} reads every stream to its end. */
  peakBeforeDraining = 0;
  closedStreams = 0;
  /** What readers were told that they missed. */
  toldMissed = 0;
  isEnded = false;
  readonly #settling: Promise<unknown>[] = [];
  /** Calls in the order in which their answers went over the wire, and how many went before each message. */
  readonly #answers: TrackedCall[] = [];
  readonly #answersBefore: number[] = [];
  readonly #toRespond: ServerRequest[] = [];
  /** Requests that the server has dealt with, by answering them or by leaving them for ever. */
  #requestsDealtWith = 0;
  #answersWritten = 0;

  constructor(limits: Limits) {
    this.limits = limits;
    const { highWaterMark, maxBytes, neverPauses, maxInFlightRequests, pipeBytes } = limits;
    const buffer = { highWaterMark, maxBytes, neverPauses };
    this.server = new PipedServer({ buffer, maxInFlightRequests, pipeBytes });
    if (limits.opensMain) this.server.client.events(undefined, this.#held);
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#perform(step);
    if (!this.isEnded) await this.server.quiet();
    this.peakBeforeDraining = this.server.client.stats().held.peakMessages;
    await this.#finish();
  }

  /** Whether unread messages ever may have filled `maxBytes`. */
  get mayHaveFilled(): boolean {
    return this.server.client.stats().held.peakBytes >= this.limits.maxBytes;
  }

  get #held(): { readonly maxHeldBytes?: number } {
    const { maxHeldBytes, maxBytes } = this.limits;
    if (maxHeldBytes === undefined) return {};
    const isBounded = maxHeldBytes !== Number.POSITIVE_INFINITY;
    return { maxHeldBytes: isBounded ? Math.min(maxHeldBytes, maxBytes) : maxHeldBytes };
  }

  async #perform(step: Step): Promise<void> {
    const { client } = this.server;
    if (step.do === 'send') {
      if (step.inOwnTurn === true) await turn();
      await this.#send(step.items, step.cuts, step.jitter);
    }
    if (step.do === 'call') this.#call(step.fate);
    else if (step.do === 'abort') this.#abort(step.call);
    else if (step.do === 'open')
      this.streams.push({
        filter: step.filter,
        stream: client.events(step.filter, this.#held),
        handed: [],
        inFlight: undefined,
      });
    else if (step.do === 'close') this.#close(step.stream);
    else if (step.do === 'read') await this.#read(step.stream, step.giveUpAfter);
    else if (step.do === 'respond') this.#respond();
    else if (step.do === 'notify') this.#track(client.notify('initialized', { n: this.#nextWritten() }));
    else if (step.do === 'stall') this.server.stopReading();
    else if (step.do === 'unstall') this.server.readAgain();
    else if (step.do === 'end') this.#end();
    else if (step.do === 'jitter') await microtasks(step.count);
    else await turn();
  }

  async #send(items: readonly WireItem[], cuts: readonly number[], jitter: number): Promise<void> {
    if (this.isEnded) return;
    const text = items.map((item) => this.#lineOf(item)).join('');
    const ends = [...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
    let start = 0;
    for (const end of ends) {
      const chunk = text.slice(start, end);
      start = end;
      if (chunk === '') continue;
      this.largestChunkBytes = Math.max(this.largestChunkBytes, chunk.length);
      this.server.sendText(chunk);
      await microtasks(jitter);
    }
  }

  #lineOf(item: WireItem): string {
    if (item.kind === 'noise') return 'warning: this is no message\n';
    if (item.kind === 'answer') return this.#answerLine();
    const n = this.sent.length;
    const message = item.kind === 'delta' ? delta(n, item) : ask(n, item);
    this.sent.push(message);
    this.#answersBefore.push(this.#answers.length);
    const line = `${JSON.stringify(wire(message))}\n`;
    this.longestLineBytes = Math.max(this.longestLineBytes, line.length);
    return line;
  }

  /** Answers the oldest request that the server has, unless it never shall; the line is empty when there is none. */
  #answerLine(): string {
    const requests = this.server.received.filter(
      ({ id, method }) => id !== undefined && method !== undefined,
    );
    this.mostUnanswered = Math.max(this.mostUnanswered, requests.length - this.#answersWritten);
    const request = requests[this.#requestsDealtWith];
    if (request === undefined) return '';
    this.#requestsDealtWith += 1;
    const call = this.calls[Number(request.params?.['n'])];
    if (call === undefined || call.fate === 'never') return '';
    const { id } = request;
    this.#answersWritten += 1;
    if (call.fate === 'overload')
      return `${JSON.stringify({ id, error: { code: -32001, message: 'later' } })}\n`;
    call.isAnswered = true;
    this.#answers.push(call);
    const answer =
      call.fate === 'result' ? { result: { n: call.n } } : { error: { code: call.n, message: 'no' } };
    return `${JSON.stringify({ id, ...answer })}\n`;
  }

  #call(fate: TrackedCall['fate']): void {
    const call: TrackedCall = {
      n: this.calls.length,
      fate,
      controller: new AbortController(),
      isAborted: false,
      isAnswered: false,
      outcome: undefined,
    };
    this.calls.push(call);
    const options = { signal: call.controller.signal, timeoutMs: 0 };
    const answer = this.server.client.request('thread/read', { threadId: 't', n: call.n } as never, options);
    const settled = (outcome: NonNullable<TrackedCall['outcome']>) => {
      call.outcome = outcome;
    };
    this.#settling.push(
      answer.then(
        (value) => settled({ value }),
        (error: unknown) => settled({ error }),
      ),
    );
  }

  #abort(index: number): void {
    const call = this.calls[index % Math.max(1, this.calls.length)];
    if (call === undefined || call.outcome !== undefined) return;
    call.isAborted = true;
    call.controller.abort(ABORTED);
  }

  #close(index: number): void {
    const closed = this.streams[1 + (index % Math.max(1, this.streams.length - 1))];
    if (closed?.stream === undefined) return;
    this.streams.splice(this.streams.indexOf(closed), 1);
    this.closedStreams += 1;
    this.#settling.push(closed.stream.return());
    if (closed.inFlight !== undefined) this.#settling.push(closed.inFlight);
  }

  async #read(index: number, giveUpAfter: number | undefined): Promise<void> {
    const from = this.streams[index % this.streams.length];
    if (from === undefined || from.inFlight !== undefined) return;
    const controller = new AbortController();
    from.inFlight = this.#readOne(from, controller.signal).then(
      () => {
        from.inFlight = undefined;
      },
      (error: unknown) => {
        from.inFlight = undefined;
        this.#noteTold(error);
        if (
          error !== ABORTED &&
          !(error instanceof BackpressureError) &&
          !(error instanceof ServerClosedError)
        )
          throw error;
      },
    );
    this.#await(from.inFlight);
    if (giveUpAfter === undefined || from.stream !== undefined) return;
    await microtasks(giveUpAfter);
    controller.abort(ABORTED);
  }

  #noteTold(error: unknown): void {
    if (error instanceof BackpressureError) this.toldMissed += error.missed;
  }

  /** Reads one message; false at the end. */
  async #readOne(from: OpenStream, signal?: AbortSignal): Promise<boolean> {
    const message =
      from.stream === undefined
        ? await this.server.client.nextMessage({ signal })
        : (await from.stream.next()).value;
    if (message === undefined) return false;
    const n = Number(numberOf(message));
    expect(message).toEqual(this.sent[n]);
    expect(takes(from.filter, message)).toBe(true);
    for (const call of this.#answers.slice(0, this.#answersBefore[n])) expect(call.outcome).toBeDefined();
    from.handed.push(n);
    this.handed.push(n);
    if (message.kind === 'request') this.#toRespond.push(message);
    return true;
  }

  #respond(): void {
    const request = this.#toRespond.shift();
    if (request === undefined || this.server.client.stats().requests.unansweredByUs === 0) return;
    const answer: { readonly n: number } = { n: this.#nextWritten() };
    this.#track(this.server.client.respondById(request.id, answer));
  }

  #nextWritten(): number {
    this.written.push(this.written.length);
    return this.written.length - 1;
  }

  /** A write may fail for want of room or because the server went, in no other way. */
  #track(write: Promise<void>): void {
    const allowed = (error: unknown) =>
      expect(error instanceof BackpressureError || error instanceof ServerClosedError).toBe(true);
    this.#settling.push(write.catch(allowed));
  }

  #end(): void {
    if (!this.isEnded) this.server.end();
    this.isEnded = true;
  }

  /** Reads every stream to its end, answers what can be answered, ends the server; then everything has settled. */
  async #finish(): Promise<void> {
    this.server.readAgain();
    const drained = Promise.all(this.streams.map((stream) => this.#drain(stream)));
    this.#await(drained);
    for (let quietRounds = 0; quietRounds < 3 && !this.isEnded; ) {
      const line = this.#answerLine();
      if (line !== '') this.server.sendText(line);
      await this.server.quiet();
      quietRounds = line === '' ? quietRounds + 1 : 0;
    }
    while (!this.isEnded && this.#writesReceived() < this.written.length) await turn();
    this.#end();
    await Promise.all(this.#settling);
    await this.server.client.closed;
  }

  /** A promise that the run waits for in the end; until then nobody is told when it rejects. */
  #await(promise: Promise<unknown>): void {
    promise.catch(() => {});
    this.#settling.push(promise);
  }

  #writesReceived(): number {
    return this.server.received.filter(({ id, method }) => id === undefined || method === undefined).length;
  }

  async #drain(stream: OpenStream): Promise<void> {
    await stream.inFlight;
    for (;;) {
      try {
        if (!(await this.#readOne(stream))) return;
      } catch (error) {
        if (error instanceof ServerClosedError) return;
        this.#noteTold(error);
        if (!(error instanceof BackpressureError) && !(error instanceof ConcurrentReadError)) throw error;
      }
    }
  }
}
