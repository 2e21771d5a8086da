/** Checks of what a request is given, before anything is sent. */
import {
  checkKnownKeys,
  checkSignal,
  checkText,
  checkTimeLimit,
  isPlainObject,
  rejectArgument,
} from '../../support/argument-checks.js';
import type { RequestOptions } from './request-options.js';

const REQUEST_OPTION_NAMES = [
  'timeoutMs',
  'signal',
  'trace',
] as const satisfies readonly (keyof RequestOptions)[];

/** @throws InvalidArgumentError when it is no name of a method */
export function checkMethod(method: unknown): void {
  if (typeof method !== 'string' || method === '')
    rejectArgument('method', method, 'the name of a method, such as "thread/start"');
}

/**
 * @param moreNames - options that somebody else checks
 * @throws InvalidArgumentError when an option is unknown or has a value that cannot work
 */
export function checkRequestOptions(options: RequestOptions, moreNames: readonly string[] = []): void {
  checkKnownKeys('options', options, [...REQUEST_OPTION_NAMES, ...moreNames]);
  checkTimeLimit('options.timeoutMs', options.timeoutMs);
  checkSignal('options.signal', options.signal);
  if (options.trace !== undefined) checkTrace(options.trace);
}

function checkTrace(trace: unknown): void {
  if (!isPlainObject(trace) || typeof trace['traceparent'] !== 'string')
    rejectArgument('options.trace', trace, 'an object with a traceparent');
  checkKnownKeys('options.trace', trace, ['traceparent', 'tracestate']);
  checkText('options.trace.tracestate', trace['tracestate']);
}
