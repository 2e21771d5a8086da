/**
 * The queues of the server's threads: items that wait for their turn, in order. A queue goes on by itself after a turn that was
 * completed or failed, and stands still after one that was interrupted, until it is asked to start.
 */
import type { Random } from '../world/random.js';
import type { Tally } from '../world/tally.js';
import { isTaken, type ModelThread, type QueueItem, type ServedAnswer, turnObject } from './model-state.js';
import type { Outgoing } from './outgoing.js';
import type { TurnPlayer } from './turn-player.js';
import type { TurnStep } from './turn-script.js';
import { inputOf, type Params } from './wire-book.js';

/** The queues. */
export class ServerQueue {
  readonly #random: Random;
  readonly #out: Outgoing;
  readonly #play: TurnPlayer;
  readonly #tally: Tally;
  #items = 0;

  constructor(random: Random, out: Outgoing, play: TurnPlayer, tally: Tally) {
    this.#random = random;
    this.#out = out;
    this.#play = play;
    this.#tally = tally;
  }

  /** What a request is answered with; undefined where it is about no queue. */
  answer(method: string, params: Params): ServedAnswer | undefined {
    if (!method.startsWith('thread/queue/')) return undefined;
    const thread = this.#play.thread(String(params['threadId']));
    if (method === 'thread/queue/add') return this.#add(thread, params);
    if (method === 'thread/queue/list')
      return { result: { data: thread.queue.map(itemObject), nextCursor: null } };
    const { queuedSubmissionId: id } = params;
    return method === 'thread/queue/delete' ? this.#delete(thread, id) : this.#start(thread, id);
  }

  /** The next thing that a thread's queue does by itself; false when there is none. */
  goOn(thread: ModelThread): boolean {
    if (thread.active !== undefined || typeof thread.goalTurn === 'object') return false;
    const { pending } = thread;
    if (pending !== undefined) {
      this.#play.sayStarted(this.#begin(thread, pending));
      return true;
    }
    if (thread.stands || thread.queue.length === 0) return false;
    // It has left the queue, and its turn has not begun.
    thread.pending = thread.queue.shift();
    this.#sayChanged(thread);
    return true;
  }

  #add(thread: ModelThread, params: Params): ServedAnswer {
    const { clientUserMessageId, input } = params;
    const item: QueueItem = {
      id: `queued-${this.#items}`,
      key: String(clientUserMessageId),
      label: inputOf(params),
      input,
    };
    this.#items += 1;
    this.#tally.count('queue', 'added');
    thread.queue.push(item);
    const changed = () => this.#sayChanged(thread);
    const saysFirst = this.#random.chance(0.3);
    if (saysFirst) changed();
    // A queue without a turn before it begins at once, now and then before the answer.
    if (this.#random.chance(0.2)) while (this.goOn(thread));
    return { result: { queuedSubmission: itemObject(item) }, ...(saysFirst ? {} : { after: changed }) };
  }

  #delete(thread: ModelThread, id: unknown): ServedAnswer {
    const index = thread.queue.findIndex((item) => item.id === id);
    this.#tally.count('queue', index < 0 ? 'deleted too late' : 'deleted');
    if (index < 0) return { result: { deleted: false } };
    thread.queue.splice(index, 1);
    return { result: { deleted: true }, after: () => this.#sayChanged(thread) };
  }

  #start(thread: ModelThread, id: unknown): ServedAnswer {
    if (isTaken(thread)) return { refused: 'thread has an active or pending turn' };
    const index = thread.queue.findIndex((item) => item.id === id);
    const [item] = index < 0 ? [] : thread.queue.splice(index, 1);
    if (item === undefined) return { refused: 'queue is empty' };
    this.#tally.count('queue', 'started');
    this.#sayChanged(thread);
    const turn = this.#begin(thread, item);
    const saysFirst = this.#random.chance(0.3);
    if (saysFirst) this.#play.sayStarted(turn);
    return {
      result: { turn: turnObject(turn) },
      ...(saysFirst ? {} : { after: () => this.#play.sayStarted(turn) }),
    };
  }

  #begin(thread: ModelThread, item: QueueItem) {
    thread.pending = undefined;
    thread.stands = false;
    const turn = this.#play.begin(thread, item.label.startsWith('run') ? 'client' : 'other', item.label);
    turn.key = item.key;
    const message: TurnStep[] = [
      { do: 'message', method: 'item/started' },
      { do: 'message', method: 'item/completed' },
    ];
    turn.script.unshift(...(this.#random.chance(0.15) ? [{ do: 'compaction' } as const] : []), ...message);
    this.#tally.count('queue', 'begun');
    return turn;
  }

  #sayChanged({ id: threadId }: ModelThread): void {
    this.#out.notify('thread/queue/changed', { threadId });
  }
}

function itemObject({ id, key, input }: QueueItem): Params {
  return { id, input, clientUserMessageId: key };
}
