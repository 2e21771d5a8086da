/** The facts of a request that scripts and assertions ask for. */
import { LocalModelProvider } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { ask, user } from './endpoint.js';

describe('a request', () => {
  test('has as its user text what the user wrote, not the context that codex adds', async () => {
    await using provider = await LocalModelProvider.start();
    const added = [
      '<environment_context>\n<cwd>/</cwd></environment_context>',
      '<turn_aborted>\nx\n</turn_aborted>',
      '# AGENTS.md instructions for /x',
    ];
    await ask(provider, { model: 'm', input: [user('mine <b>too</b>'), ...added.map(user)] });
    await ask(provider, { model: 'm', input: [user('<b>mine</b>')] });
    await ask(provider, { model: 'm', input: added.map(user) });
    const texts = provider.requests.map((request) => request.userText);
    expect(texts).toEqual(['mine <b>too</b>', '<b>mine</b>', '']);
  });

  test('shows the newest tool outputs, whose content may be text or parts', async () => {
    await using provider = await LocalModelProvider.start();
    const output = (call_id: string, output: unknown) => ({ type: 'function_call_output', call_id, output });
    const parts = [{ type: 'input_text', text: 'b' }];
    const input = [output('old', 'x'), user('hello'), output('c1', 'a'), output('c2', parts)];
    await ask(provider, { model: 'm', input });
    expect(provider.requests[0]?.toolOutputs).toEqual([
      { callId: 'c1', text: 'a' },
      { callId: 'c2', text: 'b' },
    ]);
  });
});
