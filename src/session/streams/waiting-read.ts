/** A read of a stream that waits for its message. It is a demand: while it waits, the pipe is read on. */
import type { Demand } from '../../support/demand.js';
import { Settlement } from '../../support/settlement.js';
import type { ServerMessage } from '../messages/server-message.js';

/** A read that waits. */
export class WaitingRead extends Settlement<ServerMessage | undefined> implements Demand {
  readonly owner: object | undefined;
  readonly #left: (read: WaitingRead) => void;

  /** @param left - called once, when it settles */
  constructor(owner: object | undefined, left: (read: WaitingRead) => void) {
    super();
    this.owner = owner;
    this.#left = left;
  }

  fail(error: Error): void {
    this.reject(error);
  }

  protected override settled(): void {
    this.#left(this);
  }
}
