/**
 * Our requests to the server: from the call to its settlement. Owns the ids, the table of unanswered
 * requests, the retries after an overload, and the slots of requests that were given up.
 *
 * Every call settles: by its answer, its time limit, its signal, or the end of the client. A call that is
 * given up harms no other, and its late answer is ignored.
 */
import { Buffer } from 'node:buffer';
import type { Demands } from '../../support/demand.js';
import { InvalidArgumentError, OverloadedError } from '../../support/errors.js';
import type { LineWriter } from '../../wire/line-writer.js';
import type { OutgoingText } from '../../wire/outgoing-text.js';
import { type RequestId, requestLine, type WireError, type WireMessage } from '../../wire/wire-message.js';
import { Call, type CallSpec } from './call.js';
import type { RequestIds } from './request-ids.js';
import type { RequestStats } from './request-stats.js';
import { RequestWindow, type Slot } from './request-window.js';
import { rpcRefusal } from './rpc-refusal.js';

/** The server's code for "my queue is full, try later". */
const OVERLOADED_CODE = -32001;
/** The first pause before a retry: the server empties its queue of 128 at some 10 requests a millisecond. */
const RETRY_BASE_MS = 20;
/** The longest pause: past this, waiting longer does not make room faster. */
const RETRY_MAX_MS = 2_000;
/** Retries of a call without a time limit: with the pauses above they end after about 20 s. */
const MAX_ATTEMPTS = 16;

/**
 * How long a request that answers only when outside work ends keeps its slot, unless an answer shows earlier that the
 * server took it: it leaves the server's queue when its work begins, and starting 64 processes takes below a second.
 * Without any slot a burst of them would overflow the queue, and some would never be answered.
 */
const START_SLOT_MS = 1_000;
/** How many such requests may hold a slot: what the server's queue of 128 holds beside a full window of 64. */
const MAX_STARTS = 64;

/** A request that was sent and given up; the server may still hold it. */
interface Abandoned {
  readonly sentNumber: number;
  /** The slot that the request still occupies, and in which window, if it does. */
  readonly kept: { readonly slot: Slot; readonly window: RequestWindow } | undefined;
}

/** What requests go out through. */
export interface RequestsParts {
  readonly writer: LineWriter;
  readonly outgoing: OutgoingText;
  readonly demands: Demands;
}

/** Sends requests and matches answers. */
export class Requests {
  readonly #writer: LineWriter;
  readonly #outgoing: OutgoingText;
  readonly #demands: Demands;
  readonly #ids: RequestIds;
  readonly #window: RequestWindow;
  /** The window of requests that keep their slot only while they are sent. */
  readonly #starts: RequestWindow;
  readonly #maxAbandoned: number;
  /** Every call that has not settled. */
  readonly #pending = new Set<Call>();
  /** Calls that were sent and not answered, by id. */
  readonly #unanswered = new Map<RequestId, Call>();
  /** Long-running calls that still hold a slot, in the order they were sent. */
  readonly #starting = new Set<Call>();
  readonly #abandoned = new Map<RequestId, Abandoned>();
  readonly #onGaveUp = (call: Call): void => this.#gaveUp(call);
  #sent = 0;
  #retried = 0;

  constructor(maxInFlightRequests: number, ids: RequestIds, { writer, outgoing, demands }: RequestsParts) {
    this.#window = new RequestWindow(maxInFlightRequests);
    this.#starts = new RequestWindow(MAX_STARTS);
    this.#maxAbandoned = maxInFlightRequests;
    this.#ids = ids;
    this.#writer = writer;
    this.#outgoing = outgoing;
    this.#demands = demands;
  }

  /** The counters now. */
  stats(): RequestStats {
    return {
      inFlight: this.#unanswered.size,
      waiting: this.#window.waiting + this.#starts.waiting,
      retried: this.#retried,
    };
  }

  /**
   * Makes a call: its request goes out at once, or when a slot is free. Settles with the server's answer, directly when
   * it is read: before any message that follows it on the wire is handed out. Where unread messages leave no room to
   * read the answer, or what waits to be sent no room for one more, it rejects and nothing is sent; only what ends
   * something at the server is sent all the same, and rejects because its answer cannot be read.
   */
  call(spec: CallSpec): Promise<unknown> {
    const refusal = spec.endsWork ? undefined : this.#outgoing.refusalOf(spec.method);
    if (refusal !== undefined) return Promise.reject(refusal);
    for (const signal of [spec.signal, spec.recall])
      if (signal?.aborted === true) return Promise.reject(signal.reason);
    const call = new Call(spec, this.#onGaveUp);
    this.#pending.add(call);
    if (!spec.isBackground && !spec.endsWork) this.#demands.enter(call);
    if (call.isSettled) return call.promise;
    this.#enter(call);
    if (!spec.isBackground && spec.endsWork && !call.isSettled) this.#demands.enter(call);
    return call.promise;
  }

  #enter(call: Call): void {
    if (call.spec.isProbe === true) {
      this.#send(call);
      return;
    }
    call.slot = this.#windowOf(call).enter(() => this.#send(call));
    if (call.isSettled) call.slot.leave();
    else if (call.attempts === 0) this.#countWaiting(call);
  }

  /** Takes an answer off the wire; one that no call waits for is ignored. */
  answered(message: Extract<WireMessage, { kind: 'result' | 'error' }>): void {
    if (message.id === null) return;
    const call = this.#unanswered.get(message.id);
    if (call === undefined) {
      this.#abandonedAnswered(message.id, isOverload(message));
      return;
    }
    this.#unanswered.delete(message.id);
    if (message.kind === 'result') this.#finish(call, () => call.answer(message.result));
    else if (message.error.code === OVERLOADED_CODE) this.#retry(call, message.error);
    else this.#finish(call, () => call.refuse(rpcRefusal(call.spec.method, message.error)));
    if (!isOverload(message)) this.#serverTookAllBefore(call.sentNumber);
  }

  /** Rejects every pending call. Requests that were sent stay known, so that their late answers are ignored. */
  rejectAll(error: Error): void {
    for (const call of [...this.#pending]) call.fail(error);
  }

  /** Its text is kept until it is sent. */
  #countWaiting(call: Call): void {
    call.waitingBytes = Buffer.byteLength(call.spec.paramsJson);
    this.#outgoing.add(call.waitingBytes);
  }

  #waitsNoMore(call: Call): void {
    if (call.waitingBytes === undefined) return;
    this.#outgoing.remove(call.waitingBytes);
    call.waitingBytes = undefined;
  }

  /** Whoever is next in line is sent by the one before it: what its sending throws is its own. */
  #send(call: Call): void {
    if (call.isSettled) return;
    this.#waitsNoMore(call);
    try {
      this.#sendNow(call);
    } catch (error) {
      this.#finish(call, () => call.reject(error));
    }
  }

  #sendNow(call: Call): void {
    const id = this.#nextId();
    const line = requestLine(id, call.spec.method, call.spec.paramsJson, call.spec.traceJson);
    call.id = id;
    call.attempts += 1;
    call.sentNumber = this.#sent;
    this.#sent += 1;
    this.#unanswered.set(id, call);
    call.line = this.#writer.post(line);
    call.spec.onSent?.();
    if (!call.spec.isLongRunning) return;
    this.#starting.add(call);
    call.after(START_SLOT_MS, () => this.#hasBegun(call));
  }

  /** An id that no unanswered request has: its answer could not be told from the other's. @throws InvalidArgumentError */
  #nextId(): RequestId {
    const id = this.#ids.next();
    if (id instanceof Error) throw id;
    if (!(this.#unanswered.has(id) || this.#abandoned.has(id))) return id;
    const message = `options.requestIds: expected each id once, got ${JSON.stringify(id)} while a request with it is unanswered`;
    throw new InvalidArgumentError('options.requestIds', message);
  }

  /** Settles first, so that the caller goes on before anything else happens, then makes room. */
  #finish(call: Call, settle: () => void): void {
    settle();
    this.#forget(call);
    call.slot?.leave();
  }

  /** The server works on it: its slot is free for the next one. */
  #hasBegun(call: Call): void {
    if (!this.#starting.delete(call)) return;
    call.slot?.leave();
    call.slot = undefined;
  }

  #windowOf({ spec }: Call): RequestWindow {
    return spec.isLongRunning ? this.#starts : this.#window;
  }

  #forget(call: Call): void {
    this.#waitsNoMore(call);
    this.#starting.delete(call);
    this.#pending.delete(call);
    this.#demands.leave(call);
  }

  /** Keeps the call's slot during the pause, which also slows down those behind it. */
  #retry(call: Call, error: WireError): void {
    const backoffMs = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** (call.attempts - 1));
    const delayMs = backoffMs * (0.5 + Math.random() / 2);
    if (call.attempts >= MAX_ATTEMPTS || !call.hasTimeFor(delayMs)) {
      this.#finish(call, () => call.reject(overloadedError(call, error)));
      return;
    }
    if (call.spec.recall?.aborted === true) {
      this.#finish(call, () => call.reject(call.spec.recall?.reason));
      return;
    }
    this.#retried += 1;
    // It was not taken, so no other answer shows that it was.
    this.#starting.delete(call);
    call.id = undefined;
    call.spec.onTurnedAway?.();
    call.after(delayMs, () => this.#send(call));
  }

  /**
   * A call ended without an answer. A line that the pipe has not taken is never sent, unless it ends something. If it was
   * sent, the server may still hold it in its queue, so it goes on counting as unanswered, within reason: were it to keep
   * its slot, requests that the server never answers would close the window for good; so up to a window's worth of them
   * give their slots back at once (two windows of 64 are what the server's queue holds), and the others when a later
   * request is answered, which shows that the server took everything before it. The last slot is never kept: somebody has
   * to be that later request.
   */
  #gaveUp(call: Call): void {
    this.#forget(call);
    const id = call.id;
    const wasSent = id !== undefined && this.#unanswered.delete(id);
    const { line, spec } = call;
    const isTakenBack = line !== undefined && !spec.endsWork && this.#writer.withdraw(line);
    if (isTakenBack) spec.onTakenBack?.();
    if (!wasSent || isTakenBack) {
      call.slot?.leave();
      return;
    }
    const { slot, sentNumber } = call;
    const window = this.#windowOf(call);
    const keepsSlot = slot !== undefined && this.#abandoned.size >= this.#maxAbandoned && window.keepSlot();
    if (!keepsSlot) slot?.leave();
    this.#abandoned.set(id, { sentNumber, kept: keepsSlot ? { slot, window } : undefined });
  }

  #abandonedAnswered(id: RequestId, isOverload: boolean): void {
    const abandoned = this.#abandoned.get(id);
    if (abandoned === undefined) return;
    this.#letGo(id, abandoned);
    if (!isOverload) this.#serverTookAllBefore(abandoned.sentNumber);
  }

  /**
   * The server takes requests in order: an answer shows that everything sent before it left the queue. Not so
   * an overload, which is answered past the queue and shows that it is full.
   */
  #serverTookAllBefore(sentNumber: number): void {
    for (const [id, abandoned] of this.#abandoned)
      if (abandoned.sentNumber < sentNumber) this.#letGo(id, abandoned);
    for (const call of this.#starting) if (call.sentNumber < sentNumber) this.#hasBegun(call);
  }

  #letGo(id: RequestId, abandoned: Abandoned): void {
    this.#abandoned.delete(id);
    abandoned.kept?.window.unkeepSlot();
    abandoned.kept?.slot.leave();
  }
}

function isOverload(answer: Extract<WireMessage, { kind: 'result' | 'error' }>): boolean {
  return answer.kind === 'error' && answer.error.code === OVERLOADED_CODE;
}

function overloadedError(call: Call, error: WireError): OverloadedError {
  const { method } = call.spec;
  const message = `${method} was turned away ${call.attempts} times because the server is overloaded; try again later or lower maxInFlightRequests`;
  return new OverloadedError(
    message,
    { method, attempts: call.attempts },
    { cause: rpcRefusal(method, error) },
  );
}
