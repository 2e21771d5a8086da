/**
 * What the main stream and the open streams have alike: the buffer of what is unread, what that holds, and the cut. Owns the
 * words in which a reader is told that it lagged.
 */
import { BackpressureError } from '../../support/errors.js';
import type { Flow } from './flow.js';
import { MessageBuffer } from './message-buffer.js';
import type { Cuttable } from './relief.js';
import type { HeldMessage } from './unread-messages.js';

/** A stream of unread messages. */
export abstract class HeldStream implements Cuttable {
  /** What its owner calls it, or what it is of. */
  readonly name: string;
  protected readonly buffer: MessageBuffer;

  constructor(flow: Flow, name: string) {
    this.name = name;
    this.buffer = new MessageBuffer(flow, (missed) => cutError(this, missed));
  }

  /** How many messages are unread. */
  get unread(): number {
    return this.buffer.count;
  }

  /** What they cost. */
  get unreadBytes(): number {
    return this.buffer.bytes;
  }

  /** What a cut can free, in bytes. */
  get droppableBytes(): number {
    return this.buffer.droppableBytes;
  }

  /** How much of it may be held unread, in bytes. */
  get maxHeldBytes(): number {
    return this.buffer.maxHeldBytes;
  }

  /** Its reader waits for what has just come. */
  get isAwaited(): boolean {
    return this.buffer.isRead;
  }

  /** How many messages its reader missed and has not been told of. */
  get missed(): number {
    return this.buffer.missed ?? 0;
  }

  /** Gives up the newest of what is unread, so much at least: its reader is told. Gives back the server requests among it. */
  cut(bytes: number): HeldMessage[] {
    return this.buffer.cut(bytes);
  }
}

function cutError({ name, maxHeldBytes }: HeldStream, missed: number): BackpressureError {
  const message =
    `the reader of ${name} lagged: more than it may hold (maxHeldBytes ${maxHeldBytes}), or more than was left of buffer.maxBytes, was unread while others waited, so it missed ${missed} notifications here; ` +
    'read faster, let it merge what is unread (coalesce), or raise maxHeldBytes; what comes from now on can be read';
  return new BackpressureError(message, { missed });
}
