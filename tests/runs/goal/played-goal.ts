/** A goal in the hands of a test: what the server answers, tells and starts by itself, in the shape of the real one. */
import type { GoalRun, protocol } from 'codex-async-client';
import type { ReceivedMessage } from '../../helpers/piped-server.js';
import { type PlayedServer, PlayedTurn } from '../played-server.js';

export const GOAL = { threadId: 't', objective: 'count' } as const;

/** A goal as the protocol has it. */
export function goalOf(
  status: protocol.ThreadGoalStatus = 'active',
  more: Partial<protocol.ThreadGoal> = {},
): protocol.ThreadGoal {
  return {
    threadId: 't',
    objective: 'count',
    status,
    tokenBudget: null,
    tokensUsed: 0,
    timeUsedSeconds: 0,
    createdAt: 100,
    updatedAt: 100,
    ...more,
  };
}

/** The server's end of a goal. */
export class PlayedGoal {
  readonly #server: PlayedServer;

  constructor(server: PlayedServer) {
    this.#server = server;
  }

  /** Answers whether the thread has a goal. */
  async had(goal: protocol.ThreadGoal | null): Promise<this> {
    this.#server.answer(await this.#server.next('thread/goal/get'), { goal });
    return this;
  }

  /** Answers the next `thread/goal/set`, and tells the goal; gives back what was sent. */
  async set(goal: protocol.ThreadGoal = goalOf()): Promise<ReceivedMessage> {
    const request = await this.#server.next('thread/goal/set');
    this.#server.answer(request, { goal });
    this.update(goal);
    return request;
  }

  /** Answers the next `thread/goal/clear`, and tells of it. */
  async clear(): Promise<ReceivedMessage> {
    const request = await this.#server.next('thread/goal/clear');
    this.#server.answer(request, { cleared: true });
    this.send('thread/goal/cleared', {});
    return request;
  }

  /** `thread/goal/updated`. */
  update(goal: protocol.ThreadGoal, turnId: string | null = null): this {
    this.send('thread/goal/updated', { turnId, goal });
    return this;
  }

  /** A turn that the server starts by itself. */
  turn(turnId: string): PlayedTurn {
    return new PlayedTurn(this.#server, { params: { threadId: 't' } }, turnId).started();
  }

  /** The next `turn/interrupt`, done. */
  async interrupted(turn: PlayedTurn): Promise<void> {
    const request = await this.#server.next('turn/interrupt');
    this.#server.answer(request, {});
    turn.complete('interrupted');
  }

  /** Answers the next `thread/read`. */
  async read(type: 'idle' | 'active', turns: readonly object[] = []): Promise<void> {
    const thread = { id: 't', status: { type }, turns };
    this.#server.answer(await this.#server.next('thread/read'), { thread });
  }

  send(method: string, params: object): void {
    this.#server.piped.send({ method, params: { threadId: 't', ...params } });
  }
}

/** A goal that was set on a thread that had none. */
export async function goalSet(
  server: PlayedServer,
  ...args: Partial<Parameters<PlayedServer['client']['goalRun']>>
): Promise<{ readonly run: GoalRun; readonly goal: PlayedGoal }> {
  const [params = GOAL, options] = args;
  const run = server.client.goalRun(params, options);
  void run.started().catch(() => undefined);
  const goal = new PlayedGoal(server);
  await goal.had(null);
  await goal.set();
  await server.piped.quiet();
  return { run, goal };
}

/** What the client sent, by method, since the handshake. */
export function methodsSent(server: PlayedServer): (string | undefined)[] {
  return server.piped.received.map(({ method }) => method);
}
