/** Flows in which the server asks whether it may do something. */
import { approve, deny } from 'codex-async-client';
import { applyPatch, requestPermissions, shellCommand, text } from 'codex-async-client/testing';
import type { Flow } from '../flow.js';
import { asked, newThread, statusesOf } from './steps.js';

const COMMAND = shellCommand('echo hi', { escalate: true, justification: 'May I?', callId: 'call_echo' });
const PATCH = applyPatch('*** Begin Patch\n*** Add File: new.txt\n+one\n*** End Patch\n', {
  callId: 'call_add',
});
const CHANGE = applyPatch('*** Begin Patch\n*** Update File: new.txt\n-one\n+two\n*** End Patch\n', {
  callId: 'call_change',
});
const ASKS_COMMAND = 'item/commandExecution/requestApproval';
const ASKS_CHANGE = 'item/fileChange/requestApproval';

export const APPROVAL_FLOWS: readonly Flow[] = [
  {
    name: 'command-accepted',
    title: 'a command is approved and runs',
    outcome: { asked: [ASKS_COMMAND], statuses: ['completed'], output: 'hi\n', finalMessage: 'It ran.' },
    async program(client, stage) {
      stage.script(COMMAND, text('It ran.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      const questions = await asked(run, (request) => client.respond(request, approve(request)));
      const { items, finalMessage } = await run.result();
      const command = items.find((item) => item.type === 'commandExecution');
      const statuses = await statusesOf(run, 'commandExecution');
      return { asked: questions, statuses, output: command?.aggregatedOutput, finalMessage };
    },
  },
  {
    name: 'command-declined',
    title: 'a command is declined, and the agent goes on',
    outcome: { asked: [ASKS_COMMAND], statuses: ['declined'], finalMessage: 'A pity.' },
    async program(client, stage) {
      stage.script(COMMAND, text('A pity.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      const questions = await asked(run, (request) => client.respond(request, deny(request)));
      const { finalMessage } = await run.result();
      return { asked: questions, statuses: await statusesOf(run, 'commandExecution'), finalMessage };
    },
  },
  {
    name: 'command-for-session',
    title: 'a command is approved for the session, and asked about once',
    outcome: { asked: [ASKS_COMMAND], statuses: ['completed', 'completed'] },
    async program(client, stage) {
      stage.script(COMMAND, { ...COMMAND, callId: 'call_again' }, text('Twice.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      const questions = await asked(run, async (request) => {
        if (request.method !== ASKS_COMMAND) return;
        await client.respond(request, { decision: 'acceptForSession' });
      });
      return { asked: questions, statuses: await statusesOf(run, 'commandExecution') };
    },
  },
  {
    name: 'command-unattended',
    title: 'a command that nobody answers is denied while result() drives',
    outcome: { status: 'completed', statuses: ['declined'] },
    async program(client, stage) {
      stage.script(COMMAND, text('A pity.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      const { status } = await run.result();
      return { status, statuses: await statusesOf(run, 'commandExecution') };
    },
  },
  {
    name: 'standing-answer',
    title: 'a standing answer approves a command, and nobody is asked',
    options: { standingAnswers: { [ASKS_COMMAND]: { decision: 'accept' } } },
    outcome: { asked: [], statuses: ['completed'], standingAnswers: 1 },
    async program(client, stage) {
      stage.script(COMMAND, text('It ran.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      const questions = await asked(run, (request) => client.respond(request, deny(request)));
      const { standingAnswers } = client.stats().messages;
      return { asked: questions, statuses: await statusesOf(run, 'commandExecution'), standingAnswers };
    },
  },
  {
    name: 'denied-and-interrupted',
    title: 'a denial that interrupts the turn',
    outcome: { asked: [ASKS_COMMAND], status: 'interrupted' },
    async program(client, stage) {
      stage.script(COMMAND, text('Never said.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      const questions = await asked(run, (request) =>
        client.respond(request, deny(request, { then: 'interrupt' })),
      );
      return { asked: questions, status: (await run.result()).status };
    },
  },
  {
    name: 'file-change-accepted',
    title: 'changes of a file are approved for the session, and asked about once',
    outcome: { asked: [ASKS_CHANGE], statuses: ['completed', 'completed'] },
    async program(client, stage) {
      stage.script(PATCH, CHANGE, text('Done.'));
      const threadId = await newThread(client, stage, { sandbox: 'read-only' });
      const run = client.turnRun({ threadId, input: 'Go.' });
      const questions = await asked(run, (request) => client.respond(request, approve(request, 'session')));
      return { asked: questions, statuses: await statusesOf(run, 'fileChange') };
    },
  },
  {
    name: 'file-change-declined',
    title: 'a change of a file is declined',
    outcome: { asked: [ASKS_CHANGE], statuses: ['declined'] },
    async program(client, stage) {
      stage.script(PATCH, text('A pity.'));
      const threadId = await newThread(client, stage, { sandbox: 'read-only' });
      const run = client.turnRun({ threadId, input: 'Go.' });
      const questions = await asked(run, (request) => client.respond(request, deny(request)));
      return { asked: questions, statuses: await statusesOf(run, 'fileChange') };
    },
  },
  {
    name: 'permissions',
    title: 'permissions are granted as asked for, and then denied',
    outcome: {
      asked: ['item/permissions/requestApproval', 'item/permissions/requestApproval'],
      finalMessage: 'Thanks.',
    },
    async program(client, stage) {
      const wish = { reason: 'To fetch.', network: true, write: [stage.cwd] };
      const wishes = ['call_one', 'call_two'].map((callId) => requestPermissions({ ...wish, callId }));
      stage.script(...wishes, text('Thanks.'));
      const run = client.turnRun({ threadId: await newThread(client, stage), input: 'Go.' });
      let count = 0;
      const questions = await asked(run, (request) => {
        count += 1;
        return client.respond(request, count === 1 ? approve(request) : deny(request));
      });
      return { asked: questions, finalMessage: (await run.result()).finalMessage };
    },
  },
];
