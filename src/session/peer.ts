/**
 * The server as the client and the runs see it: typed requests with the client's defaults, streams, answers.
 * Owns the checks of a request's method, params and options; the session below takes only what is right.
 */

import { LONG_RUNNING_METHODS } from '../protocol/methods.js';
import {
  checkKnownKeys,
  checkSignal,
  checkText,
  checkWholeNumber,
  isPlainObject,
  rejectArgument,
} from '../support/argument-checks.js';
import { MAX_TIMEOUT_MS } from '../support/defaults.js';
import { jsonText, paramsText } from '../support/json-text.js';
import type { ParamsOf, ResponseOf } from './requests/protocol-request.js';
import type { RequestOptions } from './requests/request-options.js';
import type { Session } from './session.js';
import {
  checkEventFilter,
  type EventFilter,
  isEmptyFilter,
  matcherOf,
  specificityOf,
} from './streams/event-filter.js';
import { EventStream } from './streams/event-stream.js';

/** How a request of a run differs from one of the user. */
export interface RequestTraits<M extends string = string> {
  /** It is no demand: whoever reads the run's streams drives the reading that its answer needs. */
  readonly isBackground?: boolean;
  /** Sees the answer before any message behind it is looked at; the promise tells of it later. It must not throw. */
  readonly onResult?: (result: ResponseOf<M>) => void;
  /** Called when the request has its place among the lines that go out: what is sent from then on follows it. */
  readonly onSent?: () => void;
}

const REQUEST_OPTION_NAMES = [
  'timeoutMs',
  'signal',
  'trace',
] as const satisfies readonly (keyof RequestOptions)[];

/** Typed access to one session. */
export class Peer {
  readonly session: Session;
  readonly #requestTimeoutMs: number;

  /** @param requestTimeoutMs - the time limit of requests that give none, in milliseconds; 0 for none */
  constructor(session: Session, requestTimeoutMs: number) {
    this.session = session;
    this.#requestTimeoutMs = requestTimeoutMs;
  }

  /**
   * Sends a request; settles with the server's answer.
   * Rejects with {@link InvalidArgumentError} before anything is sent, {@link RpcError}, {@link OverloadedError},
   * {@link RequestTimeoutError}, {@link BackpressureError}, {@link ServerClosedError}, or `signal.reason`.
   */
  request<M extends string>(
    method: M,
    params?: ParamsOf<M>,
    options: RequestOptions = {},
    traits: RequestTraits<M> = {},
  ): Promise<ResponseOf<M>> {
    try {
      checkMethod(method);
      checkRequestOptions(options);
      const isLongRunning = LONG_RUNNING_METHODS.has(method);
      const answer = this.session.request({
        method,
        paramsJson: paramsText(`${method}: params`, params),
        traceJson: options.trace === undefined ? undefined : jsonText('options.trace', options.trace),
        timeoutMs: options.timeoutMs ?? (isLongRunning ? 0 : this.#requestTimeoutMs),
        signal: options.signal,
        isLongRunning,
        isBackground: traits.isBackground ?? false,
        // As below, at the edge of the wire.
        onResult: traits.onResult as ((result: unknown) => void) | undefined,
        onSent: traits.onSent,
      });
      // The edge of the wire: the server's answer has the type that the protocol promises for the method.
      return answer as Promise<ResponseOf<M>>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The main stream, or a stream of what a filter lets through. @throws {@link InvalidArgumentError} when it is bad */
  events(filter: EventFilter): EventStream {
    checkEventFilter(filter);
    const { session } = this;
    if (isEmptyFilter(filter)) {
      session.router.openMain();
      return new EventStream({ buffer: session.router.main, release: () => {} });
    }
    const route = session.open({ matches: matcherOf(filter), specificity: specificityOf(filter) });
    return new EventStream({ buffer: route.buffer, release: () => session.close(route) });
  }

  /** Sends a notification; settles when the pipe has taken it. Rejects with {@link InvalidArgumentError}. */
  async notify(method: string, params?: unknown): Promise<void> {
    checkMethod(method);
    await this.session.notify(
      method,
      params === undefined ? undefined : paramsText(`${method}: params`, params),
    );
  }
}

/** @throws {@link InvalidArgumentError} */
function checkMethod(method: unknown): void {
  if (typeof method !== 'string' || method === '')
    rejectArgument('method', method, 'the name of a method, such as "thread/start"');
}

/** @throws {@link InvalidArgumentError} when an option is unknown or has a value that cannot work */
export function checkRequestOptions(options: RequestOptions): void {
  checkKnownKeys('options', options, REQUEST_OPTION_NAMES);
  checkWholeNumber('options.timeoutMs', options.timeoutMs, {
    min: 0,
    max: MAX_TIMEOUT_MS,
    unit: 'milliseconds',
  });
  checkSignal('options.signal', options.signal);
  if (options.trace !== undefined) checkTrace(options.trace);
}

function checkTrace(trace: unknown): void {
  if (!isPlainObject(trace) || typeof trace['traceparent'] !== 'string')
    rejectArgument('options.trace', trace, 'an object with a traceparent');
  checkKnownKeys('options.trace', trace, ['traceparent', 'tracestate']);
  checkText('options.trace.tracestate', trace['tracestate']);
}
