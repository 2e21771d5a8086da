// Turns one after another: turnRun() against turnStart() and a loop over events(), both on this client. On the scripted
// server only the client is measured; on the real codex with a local model it is what a user sees.
import { scripted } from './servers.mjs';
import { withClient } from './with-client.mjs';

export function client({ turns, deltas }) {
  return onScripted(turns, deltas, throughTurnRun);
}

export function bare({ turns, deltas }) {
  return onScripted(turns, deltas, throughTurnStart);
}

export function realClient({ turns, deltas, codexPath, prepare, finish }) {
  return onCodex(codexPath, turns, deltas, throughTurnRun, { prepare, finish });
}

export function realBare({ turns, deltas, codexPath }) {
  return onCodex(codexPath, turns, deltas, throughTurnStart);
}

// Both put the agent's text together, as whoever runs a turn does; a run has done that for its result.
async function throughTurnRun(client, threadId, input) {
  let seen = 0;
  const run = client.turnRun({ threadId, input });
  for await (const message of run) if (message.method === 'item/agentMessage/delta') seen += 1;
  const { finalMessage } = await run.result();
  return finalMessage.length > 0 ? seen : 0;
}

async function throughTurnStart(client, threadId, input) {
  let seen = 0;
  let text = '';
  await client.turnStart({ threadId, input: [{ type: 'text', text: input, text_elements: [] }] });
  for await (const message of client.events()) {
    if (message.method === 'item/agentMessage/delta') {
      seen += 1;
      text += message.params.delta;
    }
    if (message.method === 'turn/completed') break;
  }
  return text.length > 0 ? seen : 0;
}

function onScripted(turns, deltas, runTurn) {
  return withClient({ command: scripted('bench-turns') }, (client) =>
    measure(client, turns, deltas, runTurn),
  );
}

async function onCodex(codexPath, turns, deltas, runTurn, around) {
  const { LocalModelProvider, repeatText, text } = await import('codex-async-client/testing');
  const provider = await LocalModelProvider.start({ defaultReply: text(repeatText(' word', deltas)) });
  try {
    const options = { ...provider.options, codexPath };
    return await withClient(options, (client) => measure(client, turns, deltas, runTurn, around));
  } finally {
    await provider.close();
  }
}

async function measure(client, turns, deltas, runTurn, { prepare, finish } = {}) {
  prepare?.(client);
  const { thread } = await client.threadStart({ ephemeral: true });
  // The first turn pays for the compilation of both sides alike.
  await runTurn(client, thread.id, String(deltas));
  const start = performance.now();
  let seen = 0;
  for (let turn = 0; turn < turns; turn += 1) seen += await runTurn(client, thread.id, String(deltas));
  await finish?.();
  return { ms: performance.now() - start, seen, expected: turns * deltas };
}
