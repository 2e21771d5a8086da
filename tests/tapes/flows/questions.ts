/** Flows in which the server asks for something that only the client has: an answer, a tool, a form. */
import { fileURLToPath } from 'node:url';
import { accept, approve, deny } from 'codex-async-client';
import { requestUserInput, shellCommand, text, toolCall } from 'codex-async-client/testing';
import type { Flow } from '../flow.js';
import { asked, codeOf, newThread } from './steps.js';

const MCP_SERVER = fileURLToPath(
  new URL('../../../fixtures/servers/mcp-asks-for-a-form.mjs', import.meta.url),
);
const OPTIONS = ['red', 'blue'].map((label) => ({ label, description: label }));
const QUESTIONS = [{ id: 'q', header: 'Colour', question: 'Which?', options: OPTIONS }];
const TOOL = {
  type: 'function',
  name: 'look_up',
  description: 'Looks up.',
  inputSchema: { type: 'object', properties: { key: { type: 'string' } } },
} as const;

export const QUESTION_FLOWS: readonly Flow[] = [
  {
    name: 'question',
    title: 'a question to the user is answered, and the next one refused',
    outcome: { asked: ['item/tool/requestUserInput', 'item/tool/requestUserInput'], finalMessage: 'Blue.' },
    async program(client, stage) {
      const question = (callId: string) => requestUserInput(QUESTIONS, { callId });
      stage.script(question('call_one'), question('call_two'), text('Blue.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      let count = 0;
      const questions = await asked(run, async (request) => {
        count += 1;
        if (request.method !== 'item/tool/requestUserInput') return;
        await client.respond(request, count === 1 ? accept(request, { q: 'blue' }) : deny(request));
      });
      return { asked: questions, finalMessage: (await run.result()).finalMessage };
    },
  },
  {
    name: 'mcp-form',
    title: 'a tool of an MCP server is allowed, and asks for a form, which is filled in',
    config: { mcp_servers: { asker: { command: process.execPath, args: [MCP_SERVER] } } },
    outcome: {
      messages: ['Allow the asker MCP server to run tool "book"?', 'For how many?'],
      text: 'accept {"guests":4}',
    },
    async program(client, stage) {
      stage.script(toolCall('book', {}, { namespace: 'mcp__asker', callId: 'call_book' }), text('Booked.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Book.' });
      const messages: string[] = [];
      await asked(run, async (request) => {
        if (request.method !== 'mcpServer/elicitation/request' || !('message' in request.params)) return;
        messages.push(request.params.message);
        await client.respond(request, accept(request, messages.length === 1 ? {} : { guests: 4 }));
      });
      const { items } = await run.result();
      const call = items.find((item) => item.type === 'mcpToolCall');
      const [content] = call?.result?.content ?? [];
      return { messages, text: Object(content).text };
    },
  },
  {
    name: 'dynamic-tool',
    title: 'a tool of the client is called twice, and refuses the second time',
    options: { experimentalApi: true },
    outcome: { keys: ['a', 'b'], statuses: ['completed', 'failed'] },
    async program(client, stage) {
      const call = (key: string) => toolCall('look_up', { key }, { callId: `call_${key}` });
      stage.script(call('a'), call('b'), text('Thanks.'));
      const threadId = await newThread(client, stage, { dynamicTools: [TOOL] });
      const run = client.turnRun({ threadId, input: 'Go.' });
      const keys: unknown[] = [];
      await asked(run, async (request) => {
        if (request.method !== 'item/tool/call') return;
        const { key } = Object(request.params.arguments);
        keys.push(key);
        const found = { contentItems: [{ type: 'inputText' as const, text: 'value of a' }], success: true };
        await client.respond(request, key === 'a' ? found : deny(request));
      });
      const { items } = await run.result();
      const calls = items.flatMap((item) => (item.type === 'dynamicToolCall' ? [item.status] : []));
      return { keys, statuses: calls };
    },
  },
  {
    name: 'stale-request',
    title: 'an approval that comes after the interruption of its turn is stale',
    outcome: { code: 'CODEX_STALE_REQUEST', status: 'interrupted' },
    async program(client, stage) {
      stage.script(shellCommand('echo hi', { escalate: true, callId: 'call_echo' }));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      let code: unknown;
      for await (const message of run) {
        if (message.kind !== 'request') continue;
        const withdrawn = client.signalOf(message);
        const fired = new Promise((resolve) => withdrawn.addEventListener('abort', resolve, { once: true }));
        await run.interrupt();
        await Promise.race([fired, run.result()]);
        const late = client.respond(message, deny(message));
        code = await codeOf(late, 'CODEX_STALE_REQUEST');
      }
      return { code, status: (await run.result()).status };
    },
  },
  {
    name: 'asked-again',
    title: 'an approval that is open when its thread is resumed is sent again, and answered once',
    outcome: { replayed: [undefined, true], status: 'completed' },
    async program(client, stage) {
      stage.script(shellCommand('echo hi', { escalate: true, callId: 'call_echo' }), text('It ran.'));
      const threadId = await newThread(client, stage);
      const run = client.turnRun({ threadId, input: 'Go.' });
      const replayed: unknown[] = [];
      await asked(run, async (request) => {
        replayed.push(request.replayed);
        if (request.replayed !== true) await client.threadResume({ threadId });
        else await client.respond(request, approve(request));
      });
      return { replayed, status: (await run.result()).status };
    },
  },
];
