/** What a replay tells at its end. */
import type { AttachableExit } from '../../app-server/lifetime/attachable-child.js';
import { messageName } from '../fit/difference-text.js';
import type { TapeMismatchError } from '../fit/tape-mismatch-error.js';
import type { TapeLine } from '../tapes/tape.js';
import type { TapeFault } from './faults.js';

/** How a replay went. */
export interface ReplayReport extends AttachableExit {
  /** Why the replay was ended; `undefined` when all that came in was on the tape, and in time. */
  readonly mismatch: TapeMismatchError | undefined;
  /** The lines of the client that never came in, in the tape's order. */
  readonly unsent: readonly TapeLine[];
  /** The lines of the server that were never handed out, in the tape's order. */
  readonly unplayed: readonly TapeLine[];
  /** How many lines of the client came in. */
  readonly received: number;
  /** How many lines of the server were handed out; one that came twice counts once. */
  readonly sent: number;
  /** The faults that happened, in the plan's order. */
  readonly fired: readonly TapeFault[];
}

/** The most lines that a summary names. */
const MAX_NAMED = 20;

/** What the program no longer sent, as text; empty when it sent everything. */
export function summaryOf(path: string, unsent: readonly TapeLine[]): string {
  if (unsent.length === 0) return '';
  const named = unsent
    .slice(0, MAX_NAMED)
    .map((line) => `  line ${line.line}: ${messageName(line.message)}\n`);
  const more = unsent.length > MAX_NAMED ? `  and ${unsent.length - MAX_NAMED} more\n` : '';
  return `replay of ${path}: the program did not send ${unsent.length} of the tape's lines:\n${named.join('')}${more}`;
}
