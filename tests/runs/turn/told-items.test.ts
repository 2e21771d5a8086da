/** What the server told of a turn and what was heard of it, as one list: each item once. */
import type { protocol } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { mergedItems } from '../../../src/runs/turn/told-items.js';

// Items with the members that are compared.
const asItems = (items: object[]) => items as protocol.ThreadItem[];
const say = (id: string, text: string) => ({ type: 'agentMessage', id, text });
const user = (id: string, text: string) => ({ type: 'userMessage', id, content: [{ type: 'text', text }] });
const think = (id: string, summary: string) => ({ type: 'reasoning', id, summary: [summary], content: [] });
const command = (id: string) => ({ type: 'commandExecution', id });

function idsOf(told: object[], heard: object[]): string[] {
  const [server, own] = [asItems(told), asItems(heard)];
  return mergedItems(server, own).map(({ id }) => id);
}

describe('items with ids of their own', () => {
  test('are the same by id, and what was heard has the last word', () => {
    expect(idsOf([say('a', '1'), say('b', '2')], [say('b', '2'), say('c', '2')])).toEqual(['a', 'b', 'c']);
    const [item] = mergedItems(asItems([say('a', 'told')]), asItems([say('a', 'heard')]));
    expect(item).toMatchObject({ text: 'heard' });
  });

  test('are not the same by what they say', () => {
    expect(idsOf([say('a', 'yes')], [say('b', 'yes')])).toEqual(['a', 'b']);
  });
});

describe('items that are numbered when they are told', () => {
  const told = [user('item-1', 'go'), think('item-2', 'hm'), say('item-3', 'one')];

  test.each<[string, object[], string[]]>([
    ['nothing', [], ['item-1', 'item-2', 'item-3']],
    ['what follows', [say('x', 'two')], ['item-1', 'item-2', 'item-3', 'x']],
    ['the last and what follows', [say('c', 'one'), say('x', 'two')], ['item-1', 'item-2', 'c', 'x']],
    [
      'all, with a command that is not told',
      [user('a', 'go'), command('k'), think('b', 'hm'), say('c', 'one')],
      ['a', 'k', 'b', 'c'],
    ],
    ['another thought', [think('b', 'hm?'), say('c', 'one')], ['item-1', 'item-2', 'item-3', 'b', 'c']],
    ['another question', [user('a', 'stop')], ['item-1', 'item-2', 'item-3', 'a']],
  ])('are those that were heard, where these are the same: %s', (_, heard, ids) => {
    expect(idsOf(told, heard)).toEqual(ids);
  });

  test('are matched by the longest stretch', () => {
    const twice = [say('item-1', 'on'), say('item-2', 'on')];
    expect(idsOf(twice, [say('a', 'on'), say('b', 'on')])).toEqual(['a', 'b']);
    expect(idsOf(twice, [say('b', 'on')])).toEqual(['item-1', 'b']);
  });

  test('of other types are the same in the order in which they came', () => {
    expect(
      idsOf([{ type: 'contextCompaction', id: 'item-1' }], [{ type: 'contextCompaction', id: 'a' }]),
    ).toEqual(['a']);
    expect(
      idsOf([{ type: 'plan', id: 'item-1', text: 'x' }], [{ type: 'plan', id: 'a', text: 'y' }]),
    ).toEqual(['item-1', 'a']);
  });
});
