/** The server's queue of one thread in the hands of a test: it takes items and starts their turns when the test says so. */

import type { PipedOptions, ReceivedMessage } from '../../helpers/piped-server.js';
import { PlayedServer, PlayedTurn, turnOf } from '../played-server.js';

/** A message of a user as a thread item. */
export function userMessage(clientId: string | null, id = 'u1') {
  return { type: 'userMessage', id, clientId, content: [] };
}

/** An item as `thread/queue/list` has it. */
export const itemOf = (id: string, clientUserMessageId: string) => ({ id, clientUserMessageId, input: [] });

/** An item that a run has asked for. */
export class PlayedItem {
  readonly server: QueueServer;
  readonly request: ReceivedMessage;
  readonly key: string;
  readonly id: string;

  constructor(server: QueueServer, request: ReceivedMessage, id: string) {
    this.server = server;
    this.request = request;
    this.key = String(request.params?.['clientUserMessageId']);
    this.id = id;
  }

  /** The answer to `thread/queue/add`. */
  accept(): this {
    this.server.answer(this.request, { queuedSubmission: itemOf(this.id, this.key) });
    return this;
  }

  /** Its turn, of which nothing was told yet. */
  turn(turnId = `turn-of-${this.id}`): PlayedTurn {
    return new PlayedTurn(this.server, this.request, turnId);
  }

  /** Its turn, which has begun with its message. */
  begin(turnId?: string): PlayedTurn {
    const turn = this.turn(turnId).started();
    message(turn, this.key);
    return turn;
  }
}

/** The message with which a turn begins. */
export function message(turn: PlayedTurn, clientId: string | null): void {
  turn.send('item/started', { turnId: turn.turnId, item: userMessage(clientId), startedAtMs: 1 });
}

/** A server with a queue. */
export class QueueServer extends PlayedServer {
  #items = 0;

  constructor(options: PipedOptions = {}) {
    super(options);
  }

  /** The next item that the client adds, not answered yet. */
  async item(): Promise<PlayedItem> {
    const request = await this.next('thread/queue/add');
    this.#items += 1;
    return new PlayedItem(this, request, `item-${this.#items}`);
  }

  /** Answers the next look at the list. */
  async list(...items: readonly PlayedItem[]): Promise<void> {
    const data = items.map(({ id, key }) => itemOf(id, key));
    this.answer(await this.next('thread/queue/list'), { data, nextCursor: null });
  }

  /** Answers the next `thread/queue/delete`; gives back the item's id. */
  async delete(deleted: boolean): Promise<unknown> {
    const request = await this.next('thread/queue/delete');
    this.answer(request, { deleted });
    return request.params?.['queuedSubmissionId'];
  }

  /** Answers the next `thread/queue/start`; gives back the item's id. */
  async start(turnId: string): Promise<unknown> {
    const request = await this.next('thread/queue/start');
    this.answer(request, { turn: turnOf(turnId) });
    return request.params?.['queuedSubmissionId'];
  }

  /** Answers the next look at the thread. */
  async tell(status: string, ...turns: readonly object[]): Promise<void> {
    const thread = { id: 't', status: { type: status }, turns };
    this.answer(await this.next('thread/read'), { thread });
  }

  /** A turn that no run of this client began. */
  foreign(turnId: string, clientId: string | null = null): PlayedTurn {
    const turn = new PlayedTurn(this, { params: { threadId: 't' } }, turnId).started();
    message(turn, clientId);
    return turn;
  }

  /** `thread/queue/changed`. */
  changed(): void {
    this.piped.send({ method: 'thread/queue/changed', params: { threadId: 't' } });
  }
}
