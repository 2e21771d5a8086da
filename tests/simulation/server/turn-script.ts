/** What a turn of the model does, step by step, drawn from chance. */
import type { Random } from '../world/random.js';

/** What the server may ask in a turn. */
const ASKS = [
  'item/tool/call',
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
] as const;

/** One step of a turn. */
export type TurnStep =
  /** A piece of the text of the item with this number. */
  | { readonly do: 'piece' | 'thought'; readonly item: number; readonly bytes: number }
  | { readonly do: 'begin' | 'complete'; readonly item: number }
  | {
      readonly do: 'state';
      readonly method: 'turn/diff/updated' | 'turn/plan/updated' | 'thread/tokenUsage/updated';
    }
  | { readonly do: 'unknown' | 'error' | 'compaction' | 'reach the goal' }
  /** The message that it begins with. */
  | { readonly do: 'message'; readonly method: 'item/started' | 'item/completed' }
  /** Asks, and goes on when it was answered, or when the server does not wait any more. */
  | { readonly do: 'ask'; readonly method: string; readonly ofNoThread?: true; readonly of?: 'subagent' }
  | { readonly do: 'spawn' | 'subagentPiece' | 'subagentEnd' };

/** How the end of a turn is told. */
export type TurnEndTold =
  | 'turn/completed'
  /** `turn/completed` never comes; the thread's status does. */
  | 'status'
  /** Nothing is said; `thread/read` knows. */
  | 'nothing'
  /** The thread is closed. */
  | 'thread/closed';

/** How often what happens. */
const PIECES = { few: 3, many: 1, none: 1 };
const STEPS = { piece: 12, thought: 1, state: 2, ask: 0.6, unknown: 0.4, error: 0.2 };
const ASKED = { known: 6, unknown: 1, ofNoThread: 3 };
const ENDS_TOLD = { 'turn/completed': 30, status: 2, nothing: 2, 'thread/closed': 1 };

/** The steps of one turn. */
export function turnScript(random: Random): TurnStep[] {
  const steps: TurnStep[] = [];
  const items = random.between(0, 2);
  for (let item = 0; item < items; item += 1) {
    if (random.chance(0.5)) steps.push({ do: 'begin', item });
    const pieces = random.weighted(PIECES);
    const count = pieces === 'few' ? random.between(1, 4) : pieces === 'many' ? random.between(5, 14) : 0;
    for (let n = 0; n < count; n += 1) steps.push(anyStep(random, item));
    if (random.chance(0.8)) steps.push({ do: 'complete', item });
  }
  if (random.chance(0.35)) steps.push(anyAsk(random));
  if (random.chance(0.15)) steps.push(...subagent(random));
  return steps;
}

/** How the turn's end is told. */
export function turnEndTold(random: Random): TurnEndTold {
  return random.weighted(ENDS_TOLD);
}

function anyStep(random: Random, item: number): TurnStep {
  const kind = random.weighted(STEPS);
  if (kind === 'piece' || kind === 'thought')
    return { do: kind, item, bytes: random.chance(0.05) ? random.between(100, 900) : 0 };
  if (kind === 'ask') return anyAsk(random);
  if (kind !== 'state') return { do: kind };
  const method = random.pick([
    'turn/diff/updated',
    'turn/plan/updated',
    'thread/tokenUsage/updated',
  ] as const);
  return { do: 'state', method };
}

function anyAsk(random: Random): TurnStep {
  const kind = random.weighted(ASKED);
  if (kind === 'known') return { do: 'ask', method: random.pick(ASKS) };
  return kind === 'unknown'
    ? { do: 'ask', method: 'item/later/ask' }
    : { do: 'ask', method: 'account/chatgptAuthTokens/refresh', ofNoThread: true };
}

function subagent(random: Random): TurnStep[] {
  const said: TurnStep[] = Array.from({ length: random.between(0, 3) }, () => ({ do: 'subagentPiece' }));
  const asked: TurnStep[] = random.chance(0.4)
    ? [{ do: 'ask', method: 'item/commandExecution/requestApproval', of: 'subagent' }]
    : [];
  return [{ do: 'spawn' }, ...said, ...asked, { do: 'subagentEnd' }];
}
