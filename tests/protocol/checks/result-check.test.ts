/** Answers to server requests that the protocol does not have. */
import { expect, test } from 'vitest';
import { checkResult } from '../../../src/protocol/checks/result-check.js';

const COMMAND = 'item/commandExecution/requestApproval';
const TOOL = 'item/tool/call';

test.each<[string, unknown, string]>([
  [
    COMMAND,
    'accept',
    `result: expected an object that answers ${COMMAND}, such as { decision: "accept" }, got "accept"`,
  ],
  [COMMAND, 'decline', 'such as { decision: "decline" }, got "decline"'],
  [COMMAND, true, 'such as { decision: "accept" }, got true'],
  [COMMAND, {}, 'such as { decision: "accept" }, got an object with keys []'],
  [COMMAND, null, 'got null'],
  [COMMAND, { approved: true }, 'result.approved: unknown name; known names: decision'],
  [COMMAND, { decison: 'accept' }, 'result.decison: unknown name; did you mean "decision"?'],
  [
    COMMAND,
    { decision: 'approved' },
    'result.decision: expected one of "accept", "acceptForSession", { acceptWithExecpolicyAmendment: ... }, { applyNetworkPolicyAmendment: ... }, "decline", "cancel", got "approved"',
  ],
  [COMMAND, { decision: true }, 'result.decision: expected one of "accept"'],
  [COMMAND, { decision: null }, 'result.decision: expected one of "accept"'],
  [COMMAND, { decision: { accept: {} } }, 'got an object with keys [accept]'],
  [COMMAND, { decision: { applyNetworkPolicyAmendment: {}, more: 1 } }, 'result.decision: expected one of'],
  [
    'item/fileChange/requestApproval',
    { decision: 'approved' },
    '"accept", "acceptForSession", "decline", "cancel"',
  ],
  ['applyPatchApproval', { decision: 'accept' }, 'result.decision: expected one of "approved"'],
  ['item/permissions/requestApproval', { permissions: {}, scope: 'once' }, '"turn", "session", got "once"'],
  ['mcpServer/elicitation/request', { action: 'ok' }, '"accept", "decline", "cancel", got "ok"'],
  [TOOL, 'text', `such as { contentItems: ... }, got "text"`],
  [TOOL, { output: 'text' }, 'result.output: unknown name; known names: contentItems, success'],
])('L20 %s: %j is refused with what can be answered', (method, result, message) => {
  expect(() => checkResult('result', method, result)).toThrow(message);
  expect(() => checkResult('result', method, result)).toThrow(
    expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT' }),
  );
});

test.each<[string, unknown]>([
  [COMMAND, { decision: 'acceptForSession' }],
  [COMMAND, { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['ls'] } } }],
  ['execCommandApproval', { decision: { denied: { rejection: 'no' } } }],
  ['item/permissions/requestApproval', { permissions: {} }],
  ['mcpServer/elicitation/request', { action: 'accept', content: { a: 1 } }],
  ['item/tool/requestUserInput', { answers: {} }],
  [TOOL, { contentItems: [], success: true }],
  [TOOL, { toJSON: () => ({ contentItems: [], success: true }) }],
  ['future/thing', 'anything'],
])('%s: %j passes', (method, result) => {
  expect(() => checkResult('result', method, result)).not.toThrow();
});
