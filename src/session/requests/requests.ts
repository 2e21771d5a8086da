/**
 * Our requests to the server: from the call to its settlement. Owns the ids, the table of unanswered
 * requests, the retries after an overload, and the places of requests that were given up.
 *
 * Every call settles: by its answer, its time limit, its signal, or the end of the client. A call that is
 * given up harms no other, and its late answer is ignored.
 */
import { InvalidArgumentError, OverloadedError, RpcError } from '../../support/errors.js';
import { type RequestId, requestLine, type WireError, type WireMessage } from '../../wire/wire-message.js';
import type { RequestStats } from '../session-stats.js';
import { Call, type CallSpec } from './call.js';
import type { RequestIds } from './request-ids.js';
import { type Place, RequestWindow } from './request-window.js';

/** The server's code for "my queue is full, try later". */
const OVERLOADED_CODE = -32001;
/** The first pause before a retry: the server empties its queue of 128 at some 10 requests a millisecond. */
const RETRY_BASE_MS = 20;
/** The longest pause: past this, waiting longer does not make room faster. */
const RETRY_MAX_MS = 2_000;
/** Retries of a call without a time limit: with the pauses above they end after about 20 s. */
const MAX_ATTEMPTS = 16;

/**
 * How long a request that answers only when outside work ends keeps its place, unless an answer shows earlier that the
 * server took it: it leaves the server's queue when its work begins, and starting 64 processes takes below a second.
 * Without any place a burst of them would overflow the queue, and some would never be answered.
 */
const START_PLACE_MS = 1_000;
/** How many such requests may hold a place: what the server's queue of 128 holds beside a full window of 64. */
const MAX_STARTS = 64;

/** What the requests ask of the session. */
export interface RequestsOwner {
  send(line: string): void;
}

/** A request that was sent and given up; the server may still hold it. */
interface Abandoned {
  readonly sentNumber: number;
  /** The place of the window that the request still occupies, if it does. */
  readonly place: Place | undefined;
}

/** Sends requests and matches answers. */
export class Requests {
  readonly #owner: RequestsOwner;
  readonly #ids: RequestIds;
  readonly #window: RequestWindow;
  /** The window of requests that keep their place only while they are sent. */
  readonly #starts: RequestWindow;
  readonly #maxAbandoned: number;
  /** Every call that has not settled. */
  readonly #pending = new Set<Call>();
  /** Calls that were sent and not answered, by id. */
  readonly #unanswered = new Map<RequestId, Call>();
  /** Long-running calls that still hold a place, in the order they were sent. */
  readonly #starting = new Set<Call>();
  readonly #abandoned = new Map<RequestId, Abandoned>();
  readonly #onGaveUp = (call: Call): void => this.#gaveUp(call);
  #placesKept = 0;
  #demanding = 0;
  #sent = 0;
  #retried = 0;

  constructor(maxInFlightRequests: number, ids: RequestIds, owner: RequestsOwner) {
    this.#window = new RequestWindow(maxInFlightRequests);
    this.#starts = new RequestWindow(MAX_STARTS);
    this.#maxAbandoned = maxInFlightRequests;
    this.#ids = ids;
    this.#owner = owner;
  }

  /** Some caller waits for an answer: demand. */
  get isAwaited(): boolean {
    return this.#demanding > 0;
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
   * Sends a request, at once or when a place is free. Settles with the server's answer, directly when it is
   * read: before any message that follows it on the wire is handed out.
   */
  request(spec: CallSpec): Promise<unknown> {
    if (spec.signal?.aborted === true) return Promise.reject(spec.signal.reason);
    const call = new Call(spec, this.#onGaveUp);
    this.#pending.add(call);
    if (!spec.isBackground) this.#demanding += 1;
    const window = spec.isLongRunning ? this.#starts : this.#window;
    call.place = window.enter(() => this.#send(call));
    if (call.isSettled) call.place.leave();
    return call.promise;
  }

  /** Takes an answer off the wire; false when no call waits for it. */
  answered(message: Extract<WireMessage, { kind: 'result' | 'error' }>): boolean {
    if (message.id === null) return false;
    const call = this.#unanswered.get(message.id);
    if (call === undefined) return this.#abandonedAnswered(message.id, isOverload(message));
    this.#unanswered.delete(message.id);
    if (message.kind === 'result') this.#finish(call, () => call.resolve(message.result));
    else if (message.error.code === OVERLOADED_CODE) this.#retry(call, message.error);
    else this.#finish(call, () => call.reject(rpcError(call, message.error)));
    if (!isOverload(message)) this.#serverTookAllBefore(call.sentNumber);
    return true;
  }

  /** Rejects every pending call. Requests that were sent stay known, so that their late answers are ignored. */
  rejectAll(error: Error): void {
    this.#reject([...this.#pending], error);
  }

  /** Rejects every pending call that is a demand; background calls wait for the readers that drive them. */
  rejectAwaited(error: Error): void {
    const awaited = [...this.#pending].filter((call) => !call.spec.isBackground);
    this.#reject(awaited, error);
  }

  #reject(calls: readonly Call[], error: Error): void {
    for (const call of calls) {
      call.reject(error);
      this.#gaveUp(call);
    }
  }

  #send(call: Call): void {
    if (call.isSettled) return;
    const id = this.#nextId();
    if (id instanceof Error) {
      this.#finish(call, () => call.reject(id));
      return;
    }
    call.id = id;
    call.attempts += 1;
    call.sentNumber = this.#sent;
    this.#sent += 1;
    this.#unanswered.set(id, call);
    this.#owner.send(requestLine(id, call.spec.method, call.spec.paramsJson, call.spec.traceJson));
    call.spec.onSent?.();
    if (!call.spec.isLongRunning) return;
    this.#starting.add(call);
    call.after(START_PLACE_MS, () => this.#hasBegun(call));
  }

  /** An id that no unanswered request has: its answer could not be told from the other's. */
  #nextId(): RequestId | Error {
    const id = this.#ids.next();
    if (id instanceof Error || !(this.#unanswered.has(id) || this.#abandoned.has(id))) return id;
    const message = `requestIds: expected each id once, got ${JSON.stringify(id)} while a request with it is unanswered`;
    return new InvalidArgumentError('requestIds', message);
  }

  /** Settles first, so that the caller goes on before anything else happens, then makes room. */
  #finish(call: Call, settle: () => void): void {
    settle();
    this.#forget(call);
    call.place?.leave();
  }

  /** The server works on it: its place is free for the next one. */
  #hasBegun(call: Call): void {
    if (this.#starting.delete(call)) call.place?.leave();
  }

  #forget(call: Call): void {
    this.#starting.delete(call);
    if (this.#pending.delete(call) && !call.spec.isBackground) this.#demanding -= 1;
  }

  /** Keeps the call's place during the pause, which also slows down those behind it. */
  #retry(call: Call, error: WireError): void {
    const backoffMs = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** (call.attempts - 1));
    const delayMs = backoffMs * (0.5 + Math.random() / 2);
    if (call.attempts >= MAX_ATTEMPTS || !call.hasTimeFor(delayMs)) {
      this.#finish(call, () => call.reject(overloadedError(call, error)));
      return;
    }
    this.#retried += 1;
    // It was not taken, so no other answer shows that it was.
    this.#starting.delete(call);
    call.id = undefined;
    call.after(delayMs, () => this.#send(call));
  }

  /**
   * A call ended without an answer. If it was sent, the server may still hold it in its queue, so it goes on
   * counting as unanswered, within reason: were it to keep its place, requests that the server never answers
   * would close the window for good; so up to a window's worth of them give their places back at once (two
   * windows of 64 are what the server's queue holds), and the others when a later request is answered, which
   * shows that the server took everything before it. The last place is never kept: somebody has to be that
   * later request.
   */
  #gaveUp(call: Call): void {
    this.#forget(call);
    const id = call.id;
    if (id === undefined || !this.#unanswered.delete(id)) {
      call.place?.leave();
      return;
    }
    const keepsPlace =
      call.place !== undefined &&
      this.#abandoned.size >= this.#maxAbandoned &&
      this.#placesKept < this.#maxAbandoned - 1;
    if (keepsPlace) this.#placesKept += 1;
    else call.place?.leave();
    this.#abandoned.set(id, { sentNumber: call.sentNumber, place: keepsPlace ? call.place : undefined });
  }

  #abandonedAnswered(id: RequestId, isOverload: boolean): boolean {
    const abandoned = this.#abandoned.get(id);
    if (abandoned === undefined) return false;
    this.#letGo(id, abandoned);
    if (!isOverload) this.#serverTookAllBefore(abandoned.sentNumber);
    return true;
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
    if (abandoned.place === undefined) return;
    this.#placesKept -= 1;
    abandoned.place.leave();
  }
}

function isOverload(answer: Extract<WireMessage, { kind: 'result' | 'error' }>): boolean {
  return answer.kind === 'error' && answer.error.code === OVERLOADED_CODE;
}

function rpcError(call: Call, error: WireError): RpcError {
  const { code, message, data } = error;
  return new RpcError(`${call.spec.method} failed: ${message} (${code})`, {
    method: call.spec.method,
    rpcCode: code,
    data,
  });
}

function overloadedError(call: Call, error: WireError): OverloadedError {
  const { method } = call.spec;
  const message = `${method} was turned away ${call.attempts} times because the server is overloaded; try again later or lower maxInFlightRequests`;
  return new OverloadedError(message, { method, attempts: call.attempts }, { cause: rpcError(call, error) });
}
