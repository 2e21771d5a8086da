/**
 * A server that a test plays turn by turn: it answers nothing by itself, so that a test decides what the client
 * knows at every step. Messages have the shape of the real ones, and no more members than the tests look at.
 */
import type { AsyncClient, ServerMessage } from 'codex-async-client';
import { type PipedOptions, PipedServer, type ReceivedMessage } from '../helpers/piped-server.js';

type Status = 'inProgress' | 'completed' | 'interrupted' | 'failed';

/** A turn as the protocol has it. */
export function turnOf(id: string, status: Status = 'inProgress', error: string | null = null) {
  return {
    id,
    rootTurnId: id,
    items: [],
    itemsView: 'summary',
    status,
    error: error === null ? null : { message: error, codexErrorInfo: null, additionalDetails: null },
    startedAt: 1,
    completedAt: status === 'inProgress' ? null : 2,
    durationMs: null,
  };
}

/** An agent message as a thread item. */
export function agentMessage(id: string, text: string) {
  return { type: 'agentMessage', id, text, phase: null, memoryCitation: null };
}

/** One turn in the hands of the test. */
export class PlayedTurn {
  readonly threadId: string;
  readonly turnId: string;
  readonly request: ReceivedMessage;
  readonly #server: PlayedServer;

  constructor(server: PlayedServer, request: ReceivedMessage, turnId: string) {
    this.#server = server;
    this.request = request;
    this.threadId = String(request.params?.['threadId']);
    this.turnId = turnId;
  }

  /** The answer to `turn/start`. */
  accept(): this {
    this.#server.answer(this.request, { turn: turnOf(this.turnId) });
    return this;
  }

  /** `turn/started`. */
  started(): this {
    this.send('turn/started', { turn: turnOf(this.turnId) });
    return this;
  }

  /** Deltas of one agent message. */
  say(...pieces: string[]): this {
    for (const delta of pieces)
      this.send('item/agentMessage/delta', { turnId: this.turnId, itemId: 'm1', delta });
    return this;
  }

  /** A completed item. */
  item(item: object): this {
    this.send('item/completed', { turnId: this.turnId, item, completedAtMs: 1 });
    return this;
  }

  /** A server request of the turn. */
  ask(id: number | string, method = 'item/fileChange/requestApproval', params: object = {}): this {
    const scope = { threadId: this.threadId, turnId: this.turnId, itemId: 'i1' };
    this.#server.piped.send({ id, method, params: { ...scope, ...params } });
    return this;
  }

  /** `turn/completed`. */
  complete(status: Status = 'completed', error: string | null = null): this {
    this.send('turn/completed', { turn: turnOf(this.turnId, status, error) });
    return this;
  }

  /** Any notification of the thread. */
  send(method: string, params: object): void {
    this.#server.piped.send({ method, params: { threadId: this.threadId, ...params } });
  }
}

/** The server's end of one client. */
export class PlayedServer implements AsyncDisposable {
  readonly piped: PipedServer;
  readonly #seen = new Set<ReceivedMessage>();
  #turns = 0;

  constructor(options: PipedOptions = {}) {
    this.piped = new PipedServer(options);
  }

  get client(): AsyncClient {
    return this.piped.client;
  }

  /** The next message of a method that was not looked at before; waits for it. */
  async next(method: string): Promise<ReceivedMessage> {
    const found = await this.piped.receivedWhere(
      (message) => message.method === method && !this.#seen.has(message),
    );
    this.#seen.add(found);
    return found;
  }

  /** The client's answer to a server request; waits for it. */
  answerTo(id: number | string): Promise<ReceivedMessage> {
    return this.piped.receivedWhere((message) => message.method === undefined && message.id === id);
  }

  /** The next turn that the client starts, not answered yet. Turns are numbered in the order of their start. */
  async turn(): Promise<PlayedTurn> {
    const request = await this.next('turn/start');
    this.#turns += 1;
    return new PlayedTurn(this, request, `turn-${this.#turns}`);
  }

  answer(request: ReceivedMessage, result: object): void {
    this.piped.send({ id: request.id, result });
  }

  refuse(request: ReceivedMessage, message: string, code = -32600): void {
    this.piped.send({ id: request.id, error: { code, message } });
  }

  /** How often the client sent a method. */
  sent(method: string): number {
    return this.piped.received.filter((message) => message.method === method).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.piped.end();
    await this.client.shutdown();
  }
}

/** Everything that an iterable yields, once it has ended. */
export async function collected<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of iterable) values.push(value);
  return values;
}

/** The methods of the messages that a loop gets, once it has ended. */
export async function methodsOf(messages: AsyncIterable<ServerMessage>): Promise<string[]> {
  return (await collected(messages)).map(({ method }) => method);
}
