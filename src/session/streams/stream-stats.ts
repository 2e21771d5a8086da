/** What is counted of one open stream. A type alone, which users compile without the types of Node.js. */

/** What an open stream holds, for `stats()`. */
export interface StreamStats {
  /** What its owner calls it, or what it is of. */
  readonly name: string;
  /** How many messages are unread. */
  readonly heldMessages: number;
  /** What they cost, in bytes. */
  readonly heldBytes: number;
  /** How much may be held unread, in bytes; then it is cut while there is demand. */
  readonly maxHeldBytes: number;
  /** How many notifications its reader missed and has not been told of. */
  readonly missed: number;
}
