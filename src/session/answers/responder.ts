/**
 * Our answers to the server's requests. Owns that each is answered at most once (the ledger), and the answers that were
 * given beforehand; writes the lines. It decides nothing: an answer comes from the user, a run, or the standing answers.
 */
import { jsonText } from '../../support/json-text.js';
import type { LineWriter } from '../../wire/line-writer.js';
import { errorLine, type RequestId, resultLine } from '../../wire/wire-message.js';
import type { ServerRequest } from '../messages/server-message.js';
import type { Flow } from '../streams/flow.js';
import { ServerRequests } from './server-requests.js';
import type { StandingAnswerTable } from './standing-answers.js';

/** Answers server requests. */
export class Responder {
  readonly ledger = new ServerRequests();
  readonly standingAnswers: StandingAnswerTable;
  readonly #writer: LineWriter;
  readonly #flow: Flow;

  constructor(standingAnswers: StandingAnswerTable, writer: LineWriter, flow: Flow) {
    this.standingAnswers = standingAnswers;
    this.#writer = writer;
    this.#flow = flow;
  }

  /** Notes a request that was read; true when a standing answer has answered it, so that nobody needs to see it. */
  received(request: ServerRequest): boolean {
    this.ledger.received(request);
    const standing = this.standingAnswers.take(request.method);
    if (standing === undefined) return false;
    const line = resultLine(this.ledger.claimAnswer(request), standing);
    // Until the pipe takes it the answer counts as held: a server that asks and does not read must not fill memory.
    this.#flow.reserve(line.length);
    this.#writer.post(line, () => this.#flow.unreserve(line.length));
    return true;
  }

  /**
   * Answers a server request; settles when the pipe has taken the answer.
   * @throws InvalidArgumentError when the result cannot be a line of JSON; the request can still be answered
   */
  respond(requestOrId: ServerRequest | RequestId, result: unknown): Promise<void> {
    const resultJson = jsonText('result', result);
    const line = resultLine(this.ledger.answerableId(requestOrId), resultJson);
    this.ledger.claimAnswer(requestOrId);
    return this.#writer.write(line);
  }

  /**
   * Refuses a server request; settles when the pipe has taken the refusal.
   * @throws InvalidArgumentError when the refusal cannot be a line of JSON; the request can still be answered
   */
  respondError(
    requestOrId: ServerRequest | RequestId,
    code: number,
    message: string,
    data: unknown,
  ): Promise<void> {
    const dataJson = data === undefined ? undefined : jsonText('data', data);
    const line = errorLine(this.ledger.answerableId(requestOrId), code, message, dataJson);
    this.ledger.claimAnswer(requestOrId);
    return this.#writer.write(line);
  }
}
