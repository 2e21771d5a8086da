/** Which items are calls of tools, and how the tools are called. */
import { describe, expect, test } from 'vitest';
import { itemStatusOf, toolFactsOf } from '../../src/otel/tool-facts.js';
import type { ThreadItem } from '../../src/protocol/generated.js';
import { agentMessage } from '../view/told.js';
import { command } from './said.js';

/** An item with no more members than a reader looks at. */
const item = (type: string, facts: object = {}) => ({ type, id: 'i', ...facts }) as ThreadItem;

describe('a call', () => {
  test.each<[string, ThreadItem, object]>([
    ['of a command', command('completed'), { name: 'shell', type: 'extension' }],
    [
      'of a patch',
      item('fileChange', { changes: [{}, {}] }),
      { attributes: { 'codex.file_change.count': 2 } },
    ],
    [
      'of an MCP server',
      item('mcpToolCall', {
        server: 'files',
        tool: 'read',
        arguments: { path: 'a' },
        result: null,
        error: 'e',
      }),
      { name: 'read', attributes: { 'codex.mcp.server': 'files' }, input: { path: 'a' }, output: 'e' },
    ],
    [
      'of a dynamic tool',
      item('dynamicToolCall', { tool: 'weather', namespace: 'home', arguments: 1, contentItems: [2] }),
      {
        name: 'weather',
        type: 'function',
        attributes: { 'codex.tool.namespace': 'home' },
        input: 1,
        output: [2],
      },
    ],
    ['of a sub-agent', item('collabAgentToolCall', { tool: 'wait', prompt: null }), { name: 'wait' }],
    ['of a search', item('webSearch', { query: 'q', results: null }), { name: 'web_search', input: 'q' }],
    ['of a look at a picture', item('imageView', { path: 'p' }), { name: 'view_image', input: 'p' }],
    [
      'of a picture',
      item('imageGeneration', { revisedPrompt: 'r' }),
      { name: 'image_generation', input: 'r' },
    ],
    ['of a pause', item('sleep', { durationMs: 5 }), { name: 'sleep', input: 5 }],
  ])('%s is one', (_, of, facts) => {
    expect(toolFactsOf(of)).toMatchObject(facts);
  });

  test.each<[string, ThreadItem]>([
    ['what the model says', agentMessage('m', 'Hi')],
    ['a mark', item('enteredReviewMode', { review: 'r' })],
    ['an item to come', item('dream')],
    ['a name that all objects have', item('toString')],
  ])('%s is none', (_, of) => {
    expect(toolFactsOf(of)).toBeUndefined();
  });
});

test('an item has the status that it tells, or none', () => {
  expect(itemStatusOf(command('declined'))).toBe('declined');
  expect(itemStatusOf(agentMessage('m', 'Hi'))).toBeUndefined();
});
