/** Flows that ask the server about itself, and flows of sub-agents. */
import { gate, spawnAgent, text } from 'codex-async-client/testing';
import type { Flow } from '../flow.js';
import { newThread } from './steps.js';

export const SETTINGS_FLOWS: readonly Flow[] = [
  {
    name: 'start',
    title: 'what a server says by itself when it has started',
    options: { optOutNotificationMethods: ['configWarning'] },
    outcome: { status: 'disabled', name: 'string' },
    async program(client) {
      const message = await client.nextMessage({ methods: ['remoteControl/status/changed'] });
      return { status: message?.params.status, name: typeof message?.params.serverName };
    },
  },
  {
    name: 'models',
    title: 'the first two models, one a page',
    outcome: { models: 2, distinct: true },
    async program(client) {
      const models: string[] = [];
      for await (const { id } of client.paginate('model/list', { limit: 1 })) {
        models.push(id);
        if (models.length === 2) break;
      }
      return { models: models.length, distinct: models[0] !== models[1] };
    },
  },
  {
    name: 'config',
    title: 'a setting is written, and read back',
    outcome: { status: 'ok', effort: 'low', provider: 'local' },
    async program(client) {
      const { status } = await client.configValueWrite({
        keyPath: 'model_reasoning_effort',
        value: 'low',
        mergeStrategy: 'replace',
      });
      const { config } = await client.configRead({ includeLayers: false });
      return { status, effort: config.model_reasoning_effort, provider: config.model_provider };
    },
  },
  {
    name: 'account',
    title: 'who is logged in, and how, when nobody is',
    outcome: { account: null, method: null },
    async program(client) {
      const { account } = await client.accountRead({});
      const { authMethod } = await client.getAuthStatus({ includeToken: false, refreshToken: false });
      return { account, method: authMethod };
    },
  },
  {
    name: 'lists',
    title: 'lists that are empty: apps, loaded threads, MCP servers',
    outcome: [0, 0, 0],
    async program(client) {
      const lists = await Promise.all([
        client.appList({}),
        client.threadLoadedList(),
        client.mcpServerStatusList({}),
      ]);
      return lists.map(({ data }) => data.length);
    },
  },
  {
    name: 'subagent',
    title: 'a sub-agent works on a thread of its own, and its messages come with the run',
    outcome: { ended: ['child', 'parent'], child: 'There are two.', parent: 'Parent done.' },
    async program(client, stage) {
      const childIsThrough = gate();
      stage.when({ userText: 'count the files' }, text('There are ', 'two.'));
      stage.when({ userText: 'delegate' }, spawnAgent('count the files', { callId: 'call_spawn' }), [
        childIsThrough,
        text('Parent done.'),
      ]);
      stage.when({ userText: 'two', repeat: true }, text('Noted.'));
      const threadId = await newThread(client, stage);
      const run = client.turnRun({ threadId, input: 'delegate' }, { includeSubagents: true });
      const ended: string[] = [];
      const texts = { child: '', parent: '' };
      for await (const message of run) {
        if (message.method !== 'item/agentMessage/delta' && message.method !== 'turn/completed') continue;
        const speaker = message.params.threadId === threadId ? 'parent' : 'child';
        if (message.method === 'item/agentMessage/delta') texts[speaker] += message.params.delta;
        else ended.push(speaker);
        if (ended.length > 0) childIsThrough.open();
      }
      return { ended, ...texts, parent: texts.parent.replace('Noted.', '') };
    },
  },
];
