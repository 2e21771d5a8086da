import { expect, test } from 'vitest';
import { calledTool, toolKey } from '../../../src/session/messages/tool-key.js';
import { ask, delta } from '../../helpers/messages.js';

test('a call names its tool, and its namespace where it has one', () => {
  expect(calledTool(ask(0))).toBe(toolKey(undefined, 'tool'));
  const inNamespace = { ...ask(0), params: { ...ask(0).params, namespace: 'crm' } };
  expect(calledTool(inNamespace)).toBe(toolKey('crm', 'tool'));
  expect(toolKey('crm', 'tool')).not.toBe(toolKey(undefined, 'tool'));
});

test.each([undefined, null, 'tool', {}, { tool: 5 }])('malformed params, %j, call none', (params) => {
  expect(calledTool({ ...ask(0), params })).toBeUndefined();
});

test('no other message calls one', () => {
  expect(calledTool(delta(0))).toBeUndefined();
});
