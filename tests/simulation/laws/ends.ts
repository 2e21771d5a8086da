/** Laws of the end: everything settles with an error that says why, the ladder is climbed in time, and nothing is left (L9, L10, L13). */
import { getEventListeners } from 'node:events';
import { CodexClientError, ConcurrentReadError, ServerClosedError } from 'codex-async-client';
import type { Program } from '../program/program.js';
import { ABORTED } from '../program/run-steps.js';
import type { Law } from './law.js';

/** L10: with a healthy server nothing waits but what waits for messages to come. */
export const settlesAtRest: Law = function* ({ program }) {
  const { promises, server, limits } = program;
  const hasDropped = server.requests.some(({ fate }) => fate === 'dropped');
  for (const { kind, what } of promises.pending) {
    if (kind === 'endless' || kind === 'lifetime') continue;
    // Without a time limit it waits as long as the server says nothing.
    if (hasDropped && (limits.requestTimeoutMs === 0 || isUnlimited(program, what))) continue;
    yield `L10: "${what}" is pending although all is at rest`;
  }
};

/** L9 L10: the server is gone, and nothing is pending. */
export const settlesAtTheEnd: Law = function* ({ program }) {
  for (const { what } of program.promises.pending)
    yield `L10: "${what}" is pending although the server is gone`;
  if (program.client.state !== 'closed') yield `L9: the client is ${program.client.state} and not closed`;
};

/** L9: errors are the package's own, and say what happened. */
export const errorsHaveClasses: Law = function* ({ program }) {
  for (const { state, value, what } of program.promises.all)
    if (state === 'rejected' && !isOurs(value))
      yield `L9: "${what}" failed with ${String(value)}, which is no error of the package`;
  for (const { end, name } of program.readings)
    if (end?.is === 'error' && !isOurs(end.error)) yield `L9: ${name} ended with ${String(end.error)}`;
};

/** L9: after `shutdown()` streams end; when the server went by itself they fail. */
export const streamsEndAsTold: Law = function* ({ program }) {
  const { isShutDown, isProtocolBroken } = program;
  for (const { kind, end, name, isLeaving } of program.readings) {
    if (isLeaving || (kind !== 'main' && kind !== 'filter')) continue;
    if (kind === 'main' && end?.is === 'error' && end.error instanceof ConcurrentReadError) continue;
    if (end?.is === 'end' && !isShutDown) yield `L9: ${name} ended as if the client had been shut down`;
    if (end?.is === 'error' && isShutDown && !isProtocolBroken)
      yield `L9: ${name} failed with ${String(end.error)} after shutdown()`;
    if (end?.is === 'error' && !isShutDown && !isProtocolBroken && !(end.error instanceof ServerClosedError))
      yield `L9: ${name} failed with ${String(end.error)}`;
  }
};

/** L13: the end of stdin, the grace, SIGTERM, the grace, SIGKILL; no step too soon, none when the server went. */
export const climbsTheLadder: Law = function* ({ program, clock }) {
  const { child } = program.server;
  const { shutdownGraceMs } = program.limits;
  const names = child.signals.map(({ signal }) => signal);
  if (names.join() !== ['SIGTERM', 'SIGKILL'].slice(0, names.length).join())
    yield `L13: the server was sent ${names.join()}`;
  let last = child.stdinEndedAtMs;
  for (const { signal, atMs } of child.signals) {
    if (last !== undefined && atMs < last + shutdownGraceMs)
      yield `L13: ${signal} came ${atMs - last} ms after the step before`;
    last = atMs;
  }
  if (last !== undefined && last > clock.nowMs) yield 'L13: a step was taken in the future';
};

/** Nothing is left: no timer, no listener on signals or pipes. */
export const leavesNothing: Law = function* ({ program, clock }) {
  if (clock.timers > 0) yield `L10: ${clock.timers} timers are left`;
  for (const signal of program.signals) {
    const listeners = getEventListeners(signal, 'abort').length;
    if (listeners > 0) yield `L10: ${listeners} listeners are left on a signal`;
  }
  const { stdout } = program.server.child;
  // One is the simulation's own.
  if (stdout.listenerCount('data') > 1)
    yield 'L10: the client listens to the output of a server that is gone';
  const { held, requests } = program.client.stats();
  if (held.messages !== 0 || held.bytes !== 0)
    yield `L5: ${held.messages} messages, ${held.bytes} bytes count as held when all was read`;
  if (requests.inFlight + requests.waiting + requests.unansweredByUs > 0)
    yield `L10: requests count as open: ${JSON.stringify(requests)}`;
};

function isOurs(error: unknown): boolean {
  // What was never sent was aborted.
  return (
    error instanceof CodexClientError ||
    error === ABORTED ||
    (error instanceof Error && error.name === 'AbortError')
  );
}

function isUnlimited({ calls }: Program, what: string): boolean {
  return calls.some(({ watched, timeoutMs }) => watched.what === what && timeoutMs === 0);
}
