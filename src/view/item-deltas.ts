/**
 * Items that grow: what each kind of delta adds, and what an item is of which only deltas have come. A completed item
 * grows no more: its text is whole, and a delta that comes now repeats what is in it.
 */
import type { FileUpdateChange, ThreadItem } from '../protocol/generated.js';
import { keepEqual, lastIndexById, withChanges, withElement } from './shared-structure.js';
import type { ItemView, ThreadView } from './thread-view.js';
import { withItems, withTurn } from './turn-items.js';

/** The types of items that grow. */
type GrowingType = 'agentMessage' | 'plan' | 'reasoning' | 'commandExecution' | 'fileChange' | 'mcpToolCall';

/** Where a delta belongs. */
interface DeltaPlace {
  readonly turnId: string;
  readonly itemId: string;
}

/** What an item becomes; the item itself when it is of another type, or stays as it is. */
type Growth = (item: ItemView) => ItemView;

/** The view with an item changed by what a delta says; an item that is not known begins with it. */
export function withGrownItem(
  view: ThreadView,
  { turnId, itemId }: DeltaPlace,
  type: GrowingType,
  grow: Growth,
): ThreadView {
  if (typeof itemId !== 'string') return view;
  return withTurn(view, turnId, (turn) => {
    const index = lastIndexById(turn.items, itemId);
    const item = turn.items[index] ?? { ...PARTIAL[type], id: itemId, state: 'partial', progress: null };
    return item.state === 'completed' ? turn : withItems(turn, withElement(turn.items, index, grow(item)));
  });
}

/** Adds to the text of an agent message or a plan. */
export function moreText(delta: string): Growth {
  return (item) => {
    if (item.type !== 'agentMessage' && item.type !== 'plan') return item;
    return withChanges(item, { text: appended(item.text, delta) });
  };
}

/** Adds to what a command has printed. */
export function moreOutput(delta: string): Growth {
  return (item) => {
    if (item.type !== 'commandExecution') return item;
    return withChanges(item, { aggregatedOutput: appended(item.aggregatedOutput ?? '', delta) });
  };
}

/** Adds to a part of the summary of reasoning, which is there from then on. */
export function moreSummary(index: number, delta: string): Growth {
  return (item) => {
    if (item.type !== 'reasoning') return item;
    return withChanges(item, { summary: appendedTo(item.summary, index, delta) });
  };
}

/** Adds to a part of raw reasoning. */
export function moreContent(index: number, delta: string): Growth {
  return (item) => {
    if (item.type !== 'reasoning') return item;
    return withChanges(item, { content: appendedTo(item.content, index, delta) });
  };
}

/** The changes of a file change, all of them, as told last. */
export function newChanges(changes: FileUpdateChange[]): Growth {
  return (item) => {
    if (item.type !== 'fileChange') return item;
    return withChanges(item, { changes: keepEqual(item.changes, changes) });
  };
}

/** What a tool tells while it runs. */
export function newProgress(progress: string): Growth {
  return (item) => (item.type === 'mcpToolCall' ? withChanges(item, { progress }) : item);
}

/** A delta without its text tells nothing. */
function appended(text: string, delta: string): string {
  return typeof delta === 'string' ? text + delta : text;
}

/** More parts than reasoning has; one number alone must not fill the memory. */
const PARTS_MAX = 10_000;

/** Parts come in order; those before one that came first are empty. */
function appendedTo(parts: string[], index: number, delta: string): string[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= PARTS_MAX) return parts;
  const text = appended(parts[index] ?? '', delta);
  if (parts[index] === text) return parts;
  const missing = Array.from({ length: index + 1 - parts.length }, () => '');
  return [...parts, ...missing].with(index, text);
}

/** Items whose beginning nobody has seen: what deltas do not tell is empty. */
const PARTIAL: { readonly [T in GrowingType]: ThreadItem } = {
  agentMessage: {
    type: 'agentMessage',
    id: '',
    text: '',
    phase: null,
    moderation: null,
    memoryCitation: null,
    delivery: null,
    questions: null,
  },
  plan: { type: 'plan', id: '', text: '' },
  reasoning: { type: 'reasoning', id: '', summary: [], content: [] },
  commandExecution: {
    type: 'commandExecution',
    id: '',
    pluginId: null,
    scriptPath: null,
    command: '',
    cwd: '',
    processId: null,
    source: 'agent',
    status: 'inProgress',
    commandActions: [],
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  },
  fileChange: { type: 'fileChange', id: '', changes: [], status: 'inProgress' },
  mcpToolCall: {
    type: 'mcpToolCall',
    id: '',
    server: '',
    tool: '',
    status: 'inProgress',
    arguments: null,
    appContext: null,
    mcpAppUi: null,
    pluginId: null,
    readOnlyHint: null,
    result: null,
    error: null,
    durationMs: null,
  },
};
