/**
 * A small codex with a queue on one thread, which goes on by one random step at a time: it reads a request, tells one more thing of
 * the turn that runs, begins the next item, or lets somebody else do something.
 */
import type { ReceivedMessage } from '../../helpers/piped-server.js';
import type { Random } from '../../simulation/world/random.js';
import { type PlayedServer, turnOf } from '../played-server.js';
import { itemOf, userMessage } from './played-queue.js';

/** A turn, whoever began it. */
interface QueueTurn {
  readonly id: string;
  readonly key: string | null;
  readonly input: string;
  step: number;
}

interface Item {
  readonly id: string;
  readonly key: string;
  readonly input: string;
}

/** What is told of a turn, in this order. */
const STEPS = ['active', 'started', 'begin', 'say', 'complete'] as const;

const textOf = ({ params = {} }: ReceivedMessage) => (params['input'] as { text: string }[])[0]?.text ?? '';

/** The server of one client. */
export class QueueCodex {
  /** The inputs of all turns of the client, as they began. */
  readonly begun: string[] = [];
  /** The turns of each input that were told to be over. */
  readonly ended: { readonly input: string; readonly status: string }[] = [];
  /** What was told of turns, in order. */
  readonly told: { readonly method: string; readonly turnId: string; readonly key: string | null }[] = [];
  readonly #server: PlayedServer;
  readonly #random: Random;
  readonly #kept: object[] = [];
  #items: Item[] = [];
  #turn: QueueTurn | undefined;
  #standsStill = false;
  #read = 0;
  #number = 0;
  /** Others interfere so often yet. */
  #othersLeft: number;

  constructor(server: PlayedServer, random: Random, others: number) {
    this.#server = server;
    this.#random = random;
    this.#othersLeft = others;
  }

  /** One step. */
  goOn(): void {
    const request = this.#server.piped.received[this.#read];
    if (this.#othersLeft > 0 && this.#random.chance(0.06)) this.#interfere();
    else if (request !== undefined && this.#random.chance(0.5)) {
      this.#read += 1;
      this.#take(request);
    } else if (this.#turn !== undefined) this.#say(this.#turn);
    else if (!this.#standsStill) this.#next();
  }

  #interfere(): void {
    this.#othersLeft -= 1;
    const what = this.#random.pick(['turn', 'item', 'delete', 'interrupt'] as const);
    if (what === 'turn' && this.#turn === undefined) this.#begin(null, 'by others');
    else if (what === 'item') this.#add(`theirs-${this.#othersLeft}`, 'by others');
    else if (what === 'delete' && this.#items.length > 0) {
      this.#items.splice(this.#random.below(this.#items.length), 1);
      this.#changed();
    } else if (what === 'interrupt' && this.#turn !== undefined && this.#turn.step > 1)
      this.#end(this.#turn, 'interrupted');
  }

  #take(request: ReceivedMessage): void {
    const { method, params = {} } = request;
    const answer = (result: object) => this.#server.answer(request, result);
    const index = this.#items.findIndex(({ id }) => id === params['queuedSubmissionId']);
    switch (method) {
      case 'thread/queue/add': {
        const item = this.#add(String(params['clientUserMessageId']), textOf(request));
        answer({ queuedSubmission: itemOf(item.id, item.key) });
        break;
      }
      case 'thread/queue/list':
        answer({ data: this.#items.map(({ id, key }) => itemOf(id, key)), nextCursor: null });
        break;
      case 'thread/queue/delete':
        answer({ deleted: this.#items.splice(index, index === -1 ? 0 : 1).length === 1 });
        break;
      case 'thread/queue/start':
        if (this.#turn !== undefined)
          this.#server.refuse(request, 'thread already has an active or pending turn');
        else if (index === -1) this.#server.refuse(request, 'queued submission not found');
        else {
          const [item] = this.#items.splice(index, 1) as [Item];
          answer({ turn: turnOf(this.#begin(item.key, item.input).id) });
        }
        break;
      case 'turn/start':
        answer({ turn: turnOf((this.#turn ?? this.#begin(null, textOf(request))).id) });
        break;
      case 'turn/interrupt':
        if (this.#turn === undefined || this.#turn.id !== params['turnId'] || this.#turn.step < 2)
          this.#server.refuse(request, 'no active turn to interrupt');
        else {
          answer({});
          this.#end(this.#turn, 'interrupted');
        }
        break;
      case 'thread/read': {
        const status = { type: this.#turn === undefined ? 'idle' : 'active' };
        const running = this.#turn === undefined ? [] : [this.#keptOf(this.#turn, 'inProgress')];
        answer({ thread: { id: 't', status, turns: [...this.#kept, ...running] } });
        break;
      }
      default:
        answer({ goal: null });
    }
  }

  #add(key: string, input: string): Item {
    this.#number += 1;
    const item = { id: `item-${this.#number}`, key, input };
    this.#items.push(item);
    this.#changed();
    return item;
  }

  #next(): void {
    const item = this.#items.shift();
    if (item === undefined) return;
    this.#changed();
    this.#begin(item.key, item.input);
  }

  #begin(key: string | null, input: string): QueueTurn {
    this.#number += 1;
    this.#turn = { id: `turn-${this.#number}`, key, input, step: 0 };
    this.#standsStill = false;
    if (input !== 'by others') this.begun.push(input);
    return this.#turn;
  }

  #say(turn: QueueTurn): void {
    const step = STEPS[turn.step];
    turn.step += 1;
    if (step === 'active') this.#status('active');
    else if (step === 'started') this.#tell(turn, 'turn/started', { turn: turnOf(turn.id) });
    else if (step === 'begin') this.#tell(turn, 'item/started', { item: userMessage(turn.key) });
    else if (step === 'say')
      this.#tell(turn, 'item/agentMessage/delta', { itemId: 'm1', delta: `answer to ${turn.input}` });
    else this.#end(turn, 'completed');
  }

  #end(turn: QueueTurn, status: 'completed' | 'interrupted'): void {
    this.#kept.push(this.#keptOf(turn, status));
    this.ended.push({ input: turn.input, status });
    this.#turn = undefined;
    this.#standsStill = status === 'interrupted';
    this.#status('idle');
    this.#tell(turn, 'turn/completed', { turn: turnOf(turn.id, status) });
  }

  #keptOf({ id, key, step }: QueueTurn, status: 'inProgress' | 'completed' | 'interrupted') {
    return { ...turnOf(id, status), itemsView: 'full', items: step > 2 ? [userMessage(key)] : [] };
  }

  #status(type: string): void {
    this.#send('thread/status/changed', { status: { type } });
  }

  #changed(): void {
    this.#send('thread/queue/changed', {});
  }

  #tell({ id, key }: QueueTurn, method: string, params: object): void {
    this.told.push({ method, turnId: id, key });
    this.#send(method, { turnId: id, ...params });
  }

  #send(method: string, params: object): void {
    this.#server.piped.send({ method, params: { threadId: 't', ...params } });
  }
}
