/**
 * Server requests by the keys that outlive a server. Owns which request of the living server a key means: the one with its
 * id when the key is of this server's epoch; with an earlier epoch only the same request, asked again, as a server does whose
 * connection was cut. Ids start again with each server, so an id alone names nothing.
 */
import { describeValue } from '../support/argument-checks.js';
import { InvalidArgumentError, RpcError, StaleRequestError } from '../support/errors.js';
import type { RequestId } from '../wire/wire-message.js';
import type { Life, Lives } from './life.js';
import type { LostRequest } from './lost-work.js';

/** Keys of lives that ended are remembered for so many requests: a page may come back with an old one. */
const REMEMBERED_REQUESTS = 1_024;

/** A key, taken apart. */
interface RequestKey {
  readonly epoch: string;
  readonly id: RequestId;
}

/** The requests that lives have left open, and those of the life that is. */
export class RequestKeys {
  readonly #left = new Map<string, LostRequest>();

  /** Notes what a life has left open: the same may be asked again. */
  remember(requests: readonly LostRequest[]): void {
    for (const request of requests) this.#left.set(request.key, request);
    for (const key of this.#left.keys()) {
      if (this.#left.size <= REMEMBERED_REQUESTS) break;
      this.#left.delete(key);
    }
  }

  /**
   * Answers the request that a key means.
   * Rejects with `InvalidArgumentError` when it is no key, with `StaleRequestError` when that request waits for no answer of
   * ours, and with what `respondById` rejects with.
   */
  async respond(lives: Lives, key: string, result: unknown): Promise<void> {
    const { epoch, id } = keyOf(key);
    const { living } = lives;
    if (living?.peer.epoch === epoch) {
      await living.client.respondById(id, result);
      return;
    }
    if (!lives.areConnections) throw stale(key);
    // What a connection leaves open is known when it has ended, and the next one lives.
    const life = living ?? (await lives.current());
    const left = this.#left.get(key);
    if (left?.threadId === undefined) throw stale(key);
    if (!(await isAskedAgain(life, left, left.threadId))) throw stale(key);
    await life.client.respondById(id, result);
    this.#left.delete(key);
  }
}

/** The server asks it once more, on this connection. */
async function isAskedAgain(life: Life, left: LostRequest, threadId: string): Promise<boolean> {
  try {
    await life.threads.ready(threadId);
  } catch (error) {
    // It does not know the thread, so it is another server.
    if (error instanceof RpcError) return false;
    throw error;
  }
  if (life.peer.asked.asks(left)) return true;
  // What is open is sent behind the answer to the resume, and before that to a later call.
  await life.peer.call('thread/loaded/list');
  return life.peer.asked.asks(left);
}

function keyOf(key: string): RequestKey {
  const parts = typeof key === 'string' ? /^([^:]+):(.+)$/s.exec(key) : null;
  const id = parsed(parts?.[2]);
  if (parts?.[1] !== undefined && (typeof id === 'string' || typeof id === 'number'))
    return { epoch: parts[1], id };
  const message = `key: expected the key of a server request, as a view has it in requests[].key, got ${describeValue(key)}`;
  throw new InvalidArgumentError('key', message);
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stale(key: string): StaleRequestError {
  return new StaleRequestError(
    `the request ${key} waits for no answer: the server that asked it is gone, or it was settled while nobody was connected`,
  );
}
