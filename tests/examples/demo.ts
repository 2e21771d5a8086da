/**
 * `npm run demo`: a real codex app-server streams a turn, asks for an approval and runs a command.
 * Without arguments the model is a local script: no account, no network. `--live "your prompt"` uses your codex login.
 */
import { createInterface } from 'node:readline/promises';
import { AsyncClient, approve, CodexClientError, deny, type StartOptions } from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';

const [flag, livePrompt] = process.argv.slice(2);
const isLive = flag === '--live';

async function main(): Promise<void> {
  if (isLive && livePrompt) return runTurn({}, livePrompt);
  if (flag !== undefined) throw new Error('Usage: npm run demo [-- --live "your prompt"]');
  await using provider = await LocalModelProvider.start();
  provider.enqueue(
    [
      text('Let me ', 'look.\n'),
      shellCommand('echo "hello from $(uname -s)"', { escalate: true, justification: 'To say hello.' }),
    ],
    text('The command ', 'said ', 'hello. ', 'That is all!'),
  );
  await runTurn(provider.options, 'Say hello from a shell.');
}

async function runTurn(options: StartOptions, prompt: string): Promise<void> {
  console.log(`Starting codex app-server (${isLive ? 'your login' : 'local scripted model'}) ...`);
  await using client = await AsyncClient.start(options);
  console.log(`Connected to codex ${client.serverInfo?.version}, process ${client.pid}.`);
  const { account, requiresOpenaiAuth } = await client.accountRead({});
  if (isLive && account === null && requiresOpenaiAuth)
    throw new Error('Not logged in. Run "codex login" first.');

  const { thread } = await client.threadStart({ approvalPolicy: 'on-request', sandbox: 'read-only' });
  console.log(`\n> ${prompt}\n`);
  await client.turnStart({ threadId: thread.id, input: prompt });

  let tokens = 0;
  for await (const msg of client.events()) {
    if (msg.method === 'item/agentMessage/delta') process.stdout.write(msg.params.delta);
    else if (msg.method === 'item/commandExecution/requestApproval') {
      const isApproved = await ask(`\n[codex asks to run: ${msg.params.command}] Allow? (y/n) `);
      await client.respond(msg, isApproved ? approve(msg) : deny(msg));
    } else if (msg.kind === 'request')
      await client.respondError(msg, -32601, `the demo does not answer ${msg.method}`);
    else if (msg.method === 'item/completed' && msg.params.item.type === 'commandExecution') {
      console.log(`[output] ${msg.params.item.aggregatedOutput?.trim() ?? '(none)'}\n`);
    } else if (msg.method === 'thread/tokenUsage/updated') tokens = msg.params.tokenUsage.total.totalTokens;
    else if (msg.method === 'turn/completed') {
      console.log(`\n\nThe turn is ${msg.params.turn.status}; ${tokens} tokens used.`);
      break;
    }
  }
}

/** Asks on the terminal; the scripted demo answers for you. */
async function ask(question: string): Promise<boolean> {
  if (!isLive) console.log(`${question}y`);
  if (!isLive) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(question);
  terminal.close();
  return answer.trim().toLowerCase().startsWith('y');
}

main().catch((error: unknown) => {
  // One clear line: the package's errors say what happened and what to do.
  console.error(
    error instanceof CodexClientError
      ? `${error.name}: ${error.message}`
      : error instanceof Error
        ? error.message
        : error,
  );
  process.exitCode = 1;
});
