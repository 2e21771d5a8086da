/**
 * A codex behind a connection that is cut again and again: its turns go on, and what was written right before a cut may be
 * taken up a little later, or never. Now and then the process itself goes, and keeps what the real one keeps.
 */
import type { ReceivedMessage } from '../helpers/piped-server.js';
import { agentMessage, turnOf } from '../runs/played-server.js';
import type { Random } from '../simulation/world/random.js';
import { keptAs, type PlayedLife, type PlayedLives, userMessage } from './played-lives.js';

/** What of a turn is told, in this order. */
const STEPS = ['answer', 'started', 'begin', 'keep', 'say', 'complete'] as const;

/** A turn, wherever it was asked for. */
interface LivingTurn {
  readonly id: string;
  readonly threadId: string;
  readonly input: string;
  readonly key: string | null;
  readonly request: ReceivedMessage;
  /** The connection on which it was asked for. */
  readonly life: PlayedLife;
  status: 'inProgress' | 'completed' | 'interrupted';
  step: number;
  isKept: boolean;
  text: string;
}

/** Work that was written right before a cut. */
interface LateStart {
  readonly request: ReceivedMessage;
  readonly life: PlayedLife;
  steps: number;
}

/** A server and its home, over all connections. */
export class LivingCodex {
  turns: LivingTurn[] = [];
  /** The inputs of all `turn/start` that were taken, in order. */
  readonly taken: string[] = [];
  readonly #random: Random;
  readonly #lives: PlayedLives;
  readonly #subscribed = new Set<string>();
  #life: PlayedLife;
  #late: LateStart[] = [];
  #read = 0;

  constructor(lives: PlayedLives, random: Random) {
    this.#lives = lives;
    this.#random = random;
    this.#life = resuming(lives.begin());
  }

  /** The connection goes, and the next one begins. @param isCrash - the process went, too */
  async cut(isCrash: boolean): Promise<void> {
    const cut = this.#life;
    await cut.crash();
    const unread = cut.server.piped.received.slice(this.#read);
    const starts = unread.filter(({ method }) => method === 'turn/start');
    this.#life = resuming(this.#lives.begin());
    this.#read = 0;
    this.#subscribed.clear();
    if (isCrash) this.#forget();
    else
      for (const request of starts)
        if (this.#random.chance(0.5)) this.#late.push({ request, life: cut, steps: this.#random.below(8) });
  }

  /** Reads what has come, or says one more line. */
  goOn(): void {
    this.#late = this.#late.filter((late) => {
      late.steps -= 1;
      if (late.steps < 0) this.#start(late.request, late.life);
      return late.steps >= 0;
    });
    const request = this.#life.server.piped.received[this.#read];
    const running = this.#random.pick(this.turns.filter(({ status }) => status === 'inProgress'));
    if (request !== undefined && (running === undefined || this.#random.chance(0.5))) {
      this.#read += 1;
      this.#take(request);
    } else if (running !== undefined) this.#say(running);
  }

  #forget(): void {
    this.#late = [];
    for (const turn of this.turns) if (turn.status === 'inProgress') turn.status = 'interrupted';
    this.turns = this.turns.filter(({ isKept }) => isKept || this.#random.chance(0.5));
  }

  #take(request: ReceivedMessage): void {
    const { method, params = {} } = request;
    const id = String(params['threadId']);
    const { server } = this.#life;
    const all = this.turns.filter(({ threadId }) => threadId === id);
    const isActive = all.some(({ status }) => status === 'inProgress');
    const thread = { id, status: { type: isActive ? 'active' : 'idle' }, turns: all.map(toldOf) };
    if (method === 'turn/start') this.#start(request, this.#life);
    else if (method === 'thread/goal/get') server.answer(request, { goal: null });
    else if (method === 'turn/interrupt') {
      server.answer(request, {});
      const turn = this.turns.find((one) => one.id === params['turnId']);
      if (turn?.status === 'inProgress') this.#end(turn, 'interrupted');
    } else {
      if (method === 'thread/resume') this.#subscribed.add(id);
      server.answer(request, { thread });
    }
  }

  #start(request: ReceivedMessage, life: PlayedLife): void {
    const { params = {} } = request;
    const [{ text } = { text: '' }] = params['input'] as readonly { text: string }[];
    this.taken.push(text);
    this.turns.push({
      id: `turn-${this.taken.length}`,
      threadId: String(params['threadId']),
      input: text,
      key: (params['clientUserMessageId'] as string | undefined) ?? null,
      request,
      life,
      status: 'inProgress',
      step: 0,
      isKept: false,
      text: '',
    });
  }

  #say(turn: LivingTurn): void {
    switch (STEPS[turn.step]) {
      case 'answer':
        if (turn.life === this.#life) this.#life.server.answer(turn.request, { turn: turnOf(turn.id) });
        break;
      case 'started':
        this.#tell(turn, 'turn/started', { turn: turnOf(turn.id) });
        break;
      case 'begin':
        this.#tell(turn, 'item/started', { item: userMessage(turn.key), startedAtMs: 1 });
        break;
      case 'keep':
        turn.isKept = true;
        this.#tell(turn, 'item/completed', { item: userMessage(turn.key), completedAtMs: 1 });
        break;
      case 'say':
        turn.text = `answer to ${turn.input}`;
        this.#tell(turn, 'item/completed', { item: agentMessage('m1', turn.text), completedAtMs: 1 });
        break;
      default:
        this.#end(turn, 'completed');
    }
    turn.step += 1;
  }

  #end(turn: LivingTurn, status: 'completed' | 'interrupted'): void {
    turn.status = status;
    this.#tell(turn, 'turn/completed', { turn: turnOf(turn.id, status) });
  }

  #tell({ threadId, id }: LivingTurn, method: string, params: object): void {
    if (this.#subscribed.has(threadId))
      this.#life.server.piped.send({ method, params: { threadId, turnId: id, ...params } });
  }
}

function toldOf({ id, status, isKept, key, text }: LivingTurn) {
  const said = text === '' ? [] : [agentMessage('m1', text)];
  return keptAs(id, status, ...(isKept ? [userMessage(key), ...said] : []));
}

/** The connection has no thread that it has not resumed. */
function resuming(life: PlayedLife): PlayedLife {
  const { threads, client } = life;
  const resumed = new Map<string, Promise<void>>();
  threads.ready = (threadId) => {
    const ready = resumed.get(threadId) ?? client.request('thread/resume', { threadId }).then(() => {});
    resumed.set(threadId, ready);
    return ready;
  };
  return life;
}
