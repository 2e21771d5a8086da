/**
 * The answers that a user gives by hand: to a request that was read, or to one of which only the id is at hand. Owns their
 * checks, and that a denial which ends the turn does so; that each request is answered once, the session sees to.
 */
import { speaksOurVersion } from '../protocol/checks/known-names.js';
import { checkResult } from '../protocol/checks/result-check.js';
import { interruptsTurn } from '../runs/approvals.js';
import type { AnyServerRequest } from '../session/messages/server-message.js';
import type { Peer } from '../session/peer.js';
import type { Session } from '../session/session.js';
import { describeValue, memberOf, rejectArgument } from '../support/argument-checks.js';
import { BackpressureError, InvalidArgumentError } from '../support/errors.js';
import type { RequestId } from '../wire/wire-message.js';

/** Gives answers in one session. */
export class Answers {
  readonly #session: Session;
  readonly #peer: Peer;

  constructor(session: Session, peer: Peer) {
    this.#session = session;
    this.#peer = peer;
  }

  /** See {@link AsyncClient.respond}. */
  async respond(request: AnyServerRequest, result: unknown): Promise<void> {
    checkRequest(request);
    if (speaksOurVersion(this.#peer.serverVersion)) checkResult('result', request.method, result);
    await this.#give(request, result);
  }

  /** See {@link AsyncClient.respondById}. */
  async respondById(id: RequestId, result: unknown): Promise<void> {
    checkId(id);
    await this.#give(id, result);
  }

  /** See {@link AsyncClient.respondError}. */
  async respondError(
    requestOrId: AnyServerRequest | RequestId,
    code: number,
    message: string,
    data: unknown,
  ): Promise<void> {
    if (!Number.isInteger(code)) rejectArgument('code', code, 'a whole number, such as -32601');
    if (typeof message !== 'string') rejectArgument('message', message, 'a string');
    await this.#session.respondError(requestOrId, code, message, data);
  }

  async #give(requestOrId: AnyServerRequest | RequestId, result: unknown): Promise<void> {
    const turn = interruptsTurn(result) ? this.#session.responder.ledger.turnOf(requestOrId) : undefined;
    // Nobody waits for its answer: when the turn has ended is told by its messages.
    const interrupt = () => turn !== undefined && this.#peer.part('turn/interrupt', turn);
    try {
      await this.#session.respond(requestOrId, result);
    } catch (error) {
      // Who waits for a pipe that is stuck has failed; the answer goes out when the server reads.
      if (error instanceof BackpressureError) interrupt();
      throw error;
    }
    interrupt();
  }
}

/** @throws InvalidArgumentError when it is no server request; whether it is this client's, the session knows */
function checkRequest(request: unknown): void {
  if (isId(memberOf(request, 'id'))) return;
  const hint = isId(request) ? '; respondById() answers by the id alone' : '';
  const message = `request: expected a server request from this client, got ${describeValue(request)}${hint}`;
  throw new InvalidArgumentError('request', message);
}

/** @throws InvalidArgumentError when it is no id */
function checkId(id: unknown): void {
  if (isId(id)) return;
  const hint = isId(memberOf(id, 'id')) ? '; respond() answers the request itself' : '';
  const expected = 'the id of a server request, a string or a number';
  throw new InvalidArgumentError('id', `id: expected ${expected}, got ${describeValue(id)}${hint}`);
}

function isId(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
