/**
 * The items of a turn that the server told, and those that were heard, as one list. Owns which of them are the same item: by
 * id, and on threads of the old history, whose items are numbered anew whenever they are told, by what is in them.
 */
import type { ThreadItem } from '../../protocol/generated.js';

/** An id that is made when the item is told, not when it happened. */
const NUMBERED = /^item-\d+$/;

/**
 * What was told, as far as it is to stand before what was heard. What was told ends, and what was heard begins, at any place:
 * where numbers stand for ids, the longest stretch that is the end of the one and the beginning of the other is the same.
 */
export function toldBefore(told: readonly ThreadItem[], heard: readonly ThreadItem[]): readonly ThreadItem[] {
  if (!told.some(({ id }) => NUMBERED.test(id))) return told;
  // The old history leaves out commands and the like.
  const kept = new Set(told.map(({ type }) => type));
  const comparable = heard.filter(({ type }) => kept.has(type));
  for (let count = Math.min(told.length, comparable.length); count > 0; count -= 1) {
    const begin = told.length - count;
    if (told.slice(begin).every((item, at) => isSame(item, comparable[at]))) return told.slice(0, begin);
  }
  return told;
}

/** Each item once: in the order in which the server told them, and then as they were heard. What was heard has the last word. */
export function mergedItems(
  told: readonly ThreadItem[],
  heard: readonly ThreadItem[],
): readonly ThreadItem[] {
  const items = [...toldBefore(told, heard), ...heard];
  return [...new Map(items.map((item) => [item.id, item])).values()];
}

function isSame(told: ThreadItem, heard: ThreadItem | undefined): boolean {
  return told.type === heard?.type && contentOf(told) === contentOf(heard);
}

function contentOf(item: ThreadItem): string {
  if (item.type === 'agentMessage' || item.type === 'plan') return item.text;
  if (item.type === 'userMessage') return JSON.stringify(item.content);
  if (item.type === 'reasoning') return JSON.stringify([item.summary, item.content]);
  return item.type;
}
