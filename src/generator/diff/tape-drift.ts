/**
 * Holds what servers said on tapes against the types of a protocol: methods, members and values that the types do not have,
 * and members that are missing. What the client said is not looked at, but for the methods that answers belong to.
 */
import type { Tape, TapeLine, TapeMessage } from '../../testing/tapes/tape.js';
import type { Method, MethodMap } from '../method-map.js';
import type { Protocol } from './protocol.js';
import { type Misfit, misfits } from './value-misfits.js';

/** One thing that the types do not have, where it was said first. */
export interface Drift extends Misfit {
  /** The tape's file. */
  readonly file: string;
  /** The number of the line in it. */
  readonly line: number;
  readonly method: string;
  /** How many more lines of the tapes have the same. */
  readonly more: number;
}

/** What of these tapes a protocol does not know, in the order in which it was said. */
export function tapeDrift(tapes: readonly Tape[], protocol: Protocol): Drift[] {
  const found = new Map<string, Drift>();
  for (const tape of tapes) {
    for (const drift of driftOf(tape, protocol)) {
      const key = JSON.stringify([drift.method, drift.path, drift.text]);
      const known = found.get(key);
      found.set(key, known === undefined ? drift : { ...known, more: known.more + 1 });
    }
  }
  return [...found.values()];
}

function driftOf(tape: Tape, protocol: Protocol): Drift[] {
  const asked = new Map<unknown, string>();
  return tape.lines.flatMap((line) => {
    if (line.kind === 'missed') return [];
    const { id, method } = line.message;
    if (line.kind === 'received') return driftOfLine(tape.path, line, asked.get(id), protocol);
    if (id !== undefined && typeof method === 'string') asked.set(id, method);
    return [];
  });
}

function driftOfLine(file: string, line: TapeLine, asked: string | undefined, protocol: Protocol): Drift[] {
  const { message } = line;
  const method = typeof message['method'] === 'string' ? message['method'] : asked;
  if (method === undefined) return [];
  const found = new Map(
    misfitsOf(message, method, protocol).map((misfit) => [JSON.stringify(misfit), misfit]),
  );
  return [...found.values()].map((misfit) => ({ file, line: line.line, method, more: 0, ...misfit }));
}

/** The kind of a message by its members, and what is wrong with it. */
function misfitsOf(message: TapeMessage, method: string, { methods, types }: Protocol): Misfit[] {
  const of = (kind: keyof MethodMap, look: (known: Method) => Misfit[]): Misfit[] => {
    const known = methods[kind].find((one) => one.method === method);
    return known === undefined ? [{ path: 'method', text: 'unknown method' }] : look(known);
  };
  if ('method' in message) {
    const kind = 'id' in message ? 'serverRequests' : 'serverNotifications';
    return of(kind, ({ params }) => misfits(message['params'], types.read(params), types, 'params'));
  }
  if (!('result' in message)) return [];
  return of('clientRequests', ({ response }) =>
    response === undefined ? [] : misfits(message['result'], types.read(response), types, 'result'),
  );
}
