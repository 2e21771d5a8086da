/**
 * Our answers to the server's requests. Owns that each is answered at most once (the ledger), and the answers that were
 * given beforehand; writes the lines. It decides nothing: an answer comes from the user, a run, or the standing answers.
 */
import { jsonText } from '../../support/json-text.js';
import type { LineWriter } from '../../wire/line-writer.js';
import { errorLine, type RequestId, resultLine } from '../../wire/wire-message.js';
import {
  type AnyServerRequest,
  type ServerNotification,
  type ServerRequest,
  scopeOf,
} from '../messages/server-message.js';
import type { Flow } from '../streams/flow.js';
import { ScopedAnswers } from './scoped-answers.js';
import { ServerRequests } from './server-requests.js';
import type { StandingAnswerTable } from './standing-answers.js';

/** Answers server requests. */
export class Responder {
  readonly ledger = new ServerRequests();
  readonly standingAnswers: ScopedAnswers;
  readonly #writer: LineWriter;
  readonly #flow: Flow;

  constructor(standingAnswers: StandingAnswerTable, writer: LineWriter, flow: Flow) {
    this.standingAnswers = new ScopedAnswers(standingAnswers);
    this.#writer = writer;
    this.#flow = flow;
  }

  /** Gives a request that is on record its standing answer; false when it has none, and somebody needs to see it. */
  answerBeforehand(request: ServerRequest): boolean {
    const standing = this.standingAnswers.take(request);
    if (standing === undefined) return false;
    const line = resultLine(this.ledger.claimAnswer(request), standing);
    // Until the pipe takes it the answer counts as held: a server that asks and does not read must not fill memory.
    this.#flow.reserve(line.length);
    this.#writer.post(line, () => this.#flow.unreserve(line.length));
    return true;
  }

  /** Notes what a notification says of the requests that are open. A server that leaves params out must not end the host. */
  note(message: ServerNotification): void {
    switch (message.method) {
      case 'serverRequest/resolved':
        this.ledger.resolved(message.params?.requestId);
        break;
      case 'turn/completed': {
        const { threadId, turnId } = scopeOf(message);
        if (turnId !== undefined) this.ledger.ended(threadId, turnId);
        break;
      }
      case 'thread/closed':
        this.ledger.ended(message.params?.threadId, undefined);
        break;
    }
  }

  /**
   * Answers a server request; settles when the pipe has taken the answer.
   * @throws InvalidArgumentError when the result cannot be a line of JSON, or one so long; the request can still be answered
   */
  respond(requestOrId: AnyServerRequest | RequestId, result: unknown): Promise<void> {
    const resultJson = jsonText('result', result);
    const line = resultLine(this.ledger.answerableId(requestOrId), resultJson);
    this.#writer.checkLength('result', resultJson);
    this.ledger.claimAnswer(requestOrId);
    return this.#writer.write(line);
  }

  /**
   * Refuses a server request; settles when the pipe has taken the refusal.
   * @throws InvalidArgumentError when the refusal cannot be a line of JSON, or one so long; the request can still be answered
   */
  respondError(
    requestOrId: AnyServerRequest | RequestId,
    code: number,
    message: string,
    data: unknown,
  ): Promise<void> {
    const dataJson = data === undefined ? undefined : jsonText('data', data);
    const line = errorLine(this.ledger.answerableId(requestOrId), code, message, dataJson);
    this.#writer.checkLength('data', dataJson ?? '');
    this.ledger.claimAnswer(requestOrId);
    return this.#writer.write(line);
  }
}
