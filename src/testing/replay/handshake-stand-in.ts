/**
 * Answers `initialize` for a tape that begins after the handshake, so that a client can be attached to it like to any
 * other. Of the server it knows what the tape's header says.
 */
import { memberOf } from '../../support/argument-checks.js';
import type { TapeHeader, TapeMessage } from '../tapes/tape.js';

/** The answer to a line of the program that is part of a handshake. */
export interface HandshakeAnswer {
  /** What goes out; `undefined` for `initialized`, which nobody answers. */
  readonly answer: TapeMessage | undefined;
}

/** Takes a line of the program that is part of a handshake; `undefined` when it is none. */
export function answerHandshake(message: TapeMessage, header: TapeHeader): HandshakeAnswer | undefined {
  const { id, method, params } = message;
  if (method === 'initialized') return { answer: undefined };
  if (method !== 'initialize') return undefined;
  const clientName = memberOf(memberOf(params, 'clientInfo'), 'name');
  const result = {
    userAgent: `${String(clientName)}/${header.server ?? header.protocol}`,
    codexHome: '/codex-home',
    platformFamily: 'unix',
    platformOs: 'linux',
  };
  return { answer: { id, result } };
}
