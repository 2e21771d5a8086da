/**
 * A codex that crashes at any line and keeps what the real one keeps: a turn whose message was completed, and of others an
 * empty turn at most. What it kept is there for the next one.
 */
import type { ReceivedMessage } from '../helpers/piped-server.js';
import { agentMessage, turnOf } from '../runs/played-server.js';
import type { Random } from '../simulation/world/random.js';
import { keptAs, type PlayedLife, userMessage } from './played-lives.js';

/** What of a turn was told, in this order. */
const STEPS = ['answer', 'started', 'begin', 'keep', 'say', 'complete'] as const;

/** A turn as it is kept. */
interface DiskTurn {
  readonly id: string;
  readonly input: string;
  status: 'inProgress' | 'completed' | 'interrupted';
  isKept: boolean;
  text: string;
  readonly key: string | null;
}

/** What all servers of one home have. */
export class Disk {
  readonly threads = new Map<string, DiskTurn[]>();
  /** The inputs of all `turn/start` that a server took, in order. */
  readonly taken: string[] = [];
  #turns = 0;

  turnsOf(threadId: string): DiskTurn[] {
    const known = this.threads.get(threadId) ?? [];
    this.threads.set(threadId, known);
    return known;
  }

  add(threadId: string, input: string, key: string | null): DiskTurn {
    this.#turns += 1;
    this.taken.push(input);
    const turn: DiskTurn = {
      id: `turn-${this.#turns}`,
      input,
      status: 'inProgress',
      isKept: false,
      text: '',
      key,
    };
    this.turnsOf(threadId).push(turn);
    return turn;
  }

  /** The server has gone: what ran is interrupted, and where its message was not kept it is empty, or gone. */
  crashed(random: Random): void {
    for (const [threadId, turns] of this.threads) {
      const stays = ({ status, isKept }: DiskTurn) => status !== 'inProgress' || isKept || random.chance(0.5);
      this.threads.set(threadId, turns.filter(stays));
      for (const turn of turns) if (turn.status === 'inProgress') turn.status = 'interrupted';
    }
  }
}

interface RunningTurn {
  readonly turn: DiskTurn;
  readonly threadId: string;
  readonly request: ReceivedMessage;
  step: number;
}

/** One server, which goes on when it is told to. */
export class ForgetfulCodex {
  readonly life: PlayedLife;
  readonly #disk: Disk;
  readonly #random: Random;
  readonly #running: RunningTurn[] = [];
  #read = 0;

  constructor(life: PlayedLife, disk: Disk, random: Random) {
    this.life = life;
    this.#disk = disk;
    this.#random = random;
  }

  /** Reads what has come, or says one more line; false when there is nothing to do. */
  goOn(): boolean {
    const request = this.life.server.piped.received[this.#read];
    const running = this.#random.pick(this.#running);
    if (request !== undefined && (running === undefined || this.#random.chance(0.5))) {
      this.#read += 1;
      this.#take(request);
    } else if (running !== undefined) this.#say(running);
    return request !== undefined || running !== undefined;
  }

  #take(request: ReceivedMessage): void {
    const { method, params = {} } = request;
    const threadId = String(params['threadId']);
    const { server } = this.life;
    if (method === 'thread/read') {
      const running = this.#running.some((one) => one.threadId === threadId);
      const turns = this.#disk.turnsOf(threadId).map(toldOf);
      server.answer(request, {
        thread: { id: threadId, status: { type: running ? 'active' : 'idle' }, turns },
      });
    } else if (method === 'turn/start') {
      const [{ text } = { text: '' }] = params['input'] as readonly { text: string }[];
      const key = (params['clientUserMessageId'] as string | undefined) ?? null;
      this.#running.push({ turn: this.#disk.add(threadId, text, key), threadId, request, step: 0 });
    } else if (method === 'turn/interrupt') {
      server.answer(request, {});
      const running = this.#running.find(({ turn }) => turn.id === params['turnId']);
      if (running !== undefined) this.#end(running, 'interrupted');
    }
  }

  #say(running: RunningTurn): void {
    const { turn, threadId, request } = running;
    const tell = (method: string, params: object) =>
      this.life.server.piped.send({ method, params: { threadId, turnId: turn.id, ...params } });
    switch (STEPS[running.step]) {
      case 'answer':
        this.life.server.answer(request, { turn: turnOf(turn.id) });
        break;
      case 'started':
        tell('turn/started', { turn: turnOf(turn.id) });
        break;
      case 'begin':
        tell('item/started', { item: userMessage(turn.key), startedAtMs: 1 });
        break;
      case 'keep':
        turn.isKept = true;
        if (this.#random.chance(0.5))
          tell('item/completed', { item: userMessage(turn.key), completedAtMs: 1 });
        break;
      case 'say':
        turn.text = `answer to ${turn.input}`;
        tell('item/completed', { item: agentMessage('m1', turn.text), completedAtMs: 1 });
        break;
      default:
        this.#end(running, 'completed');
    }
    running.step += 1;
  }

  #end(running: RunningTurn, status: 'completed' | 'interrupted'): void {
    const { turn, threadId } = running;
    turn.status = status;
    this.#running.splice(this.#running.indexOf(running), 1);
    const params = { threadId, turn: turnOf(turn.id, status) };
    this.life.server.piped.send({ method: 'turn/completed', params });
  }
}

function toldOf({ id, status, isKept, key, text }: DiskTurn) {
  const said = text === '' ? [] : [agentMessage('m1', text)];
  return keptAs(id, status, ...(isKept ? [userMessage(key), ...said] : []));
}
