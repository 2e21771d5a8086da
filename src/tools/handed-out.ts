/**
 * The calls that one loop was given and that wait for an answer: when it is left, nobody else would give them one. Owns which
 * they are, and that those which were answered or went stale are not kept.
 */
import { type Asker, askerOf } from '../session/answers/askers.js';
import type { RequestId } from '../wire/wire-message.js';
import type { ToolRequest } from './tool-call.js';
import { refuse } from './tools.js';

/** What the model is told of a call whose loop was left. */
const CONSUMER_LEFT = 'The tool was not run to its end: its consumer has left.';

/** So many are kept before those that are settled are looked for. */
const KEPT_BEFORE_LOOKING = 64;

/** Calls in the user's hands. */
export class HandedOut {
  readonly #isOpen: (request: ToolRequest) => boolean;
  readonly #calls = new Map<RequestId, ToolRequest>();
  #looksAt = KEPT_BEFORE_LOOKING;

  /** @param isOpen - whether the server still waits for an answer */
  constructor(isOpen: (request: ToolRequest) => boolean) {
    this.#isOpen = isOpen;
  }

  /** How many are kept; no more than twice as many as are open, and some. */
  get size(): number {
    return this.#calls.size;
  }

  add(request: ToolRequest): void {
    this.#calls.set(request.id, request);
    if (this.#calls.size < this.#looksAt) return;
    for (const [id, call] of this.#calls) if (!this.#isOpen(call)) this.#calls.delete(id);
    this.#looksAt = Math.max(KEPT_BEFORE_LOOKING, this.#calls.size * 2);
  }

  /** It is here already: the server sent it again, as after `thread/resume`. */
  has({ id, replayed }: ToolRequest): boolean {
    const known = replayed === true ? this.#calls.get(id) : undefined;
    return known !== undefined && this.#isOpen(known);
  }

  /** Nobody answers them any more: refuses each that is open. */
  refuseAll(): void {
    const open = [...this.#calls.values()].filter(this.#isOpen);
    this.#calls.clear();
    for (const request of open) refuseLeft(request);
  }
}

/** Refuses a call that nobody will run. */
export function refuseLeft(request: ToolRequest): void {
  const asker: Asker | undefined = askerOf(request);
  if (asker !== undefined) void refuse(request, asker, CONSUMER_LEFT);
}
