/**
 * The calls that one loop was given and that wait for an answer: when it is left, nobody else would give them one. Owns which
 * they are, and that those which were answered or went stale are not kept.
 */
import { type Asker, askerOf } from '../session/answers/askers.js';
import type { ServerRequests } from '../session/answers/server-requests.js';
import type { RequestId } from '../wire/wire-message.js';
import type { ToolRequest } from './tool-call.js';
import { refuse } from './tools.js';

/** What the model is told of a call whose loop was left. */
const CONSUMER_LEFT = 'The tool was not run to its end: its consumer has left.';

/** Knows whether the server still waits for an answer. */
type OpenCalls = Pick<ServerRequests, 'isOpen'>;

/** So many are kept before those that are settled are looked for. */
const KEPT_BEFORE_LOOKING = 64;

/** The loops of each client that were not left, by who knows what is open there. */
const loops = new WeakMap<OpenCalls, Set<HandedOut>>();

/** Calls in the user's hands. */
export class HandedOut {
  readonly #open: OpenCalls;
  readonly #calls = new Map<RequestId, ToolRequest>();
  #looksAt = KEPT_BEFORE_LOOKING;

  /** @param open - the same for every loop of a client */
  constructor(open: OpenCalls) {
    this.#open = open;
    loops.set(open, (loops.get(open) ?? new Set()).add(this));
  }

  /** How many are kept; no more than twice as many as are open, and some. */
  get size(): number {
    return this.#calls.size;
  }

  add(request: ToolRequest): void {
    this.#calls.set(request.id, request);
    if (this.#calls.size < this.#looksAt) return;
    for (const [id, call] of this.#calls) if (!this.#open.isOpen(call)) this.#calls.delete(id);
    this.#looksAt = Math.max(KEPT_BEFORE_LOOKING, this.#calls.size * 2);
  }

  /** It is in hand already, here or in another loop: the server sent it again, as after `thread/resume`. */
  has({ id, replayed }: ToolRequest): boolean {
    if (replayed !== true) return false;
    return [...(loops.get(this.#open) ?? [])].some((loop) => loop.#hasOpen(id));
  }

  /** Nobody answers them any more: refuses each that is open. */
  refuseAll(): void {
    loops.get(this.#open)?.delete(this);
    const left = [...this.#calls.values()].filter((call) => this.#open.isOpen(call));
    this.#calls.clear();
    for (const request of left) refuseLeft(request);
  }

  #hasOpen(id: RequestId): boolean {
    const call = this.#calls.get(id);
    return call !== undefined && this.#open.isOpen(call);
  }
}

/** Refuses a call that nobody will run. */
export function refuseLeft(request: ToolRequest): void {
  const asker: Asker | undefined = askerOf(request);
  if (asker !== undefined) void refuse(request, asker, CONSUMER_LEFT);
}
