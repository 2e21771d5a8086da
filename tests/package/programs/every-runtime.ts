/// <reference types="node" />
// What a program does with a server, on any runtime: one part of it is run, and prints what it came to as JSON.
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { AsyncClient, approve, ServerClosedError } from 'codex-async-client';
import { echo, gate, LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { applyMessage, emptyView } from 'codex-async-client/view';

/** How long the reader that stalls reads nothing. */
const STALL_MS = 1000;
/** How long a server that is held back writes nothing. */
const QUIET_MS = 500;
/** More than a pipe, a read and the high-water mark hold, and little of what is written in a second. */
const MOST_LINES = 10_000;
const PIECES = Array.from({ length: 3000 }, (_, index) => `${index} `);

const parts: Readonly<Record<string, () => Promise<unknown>>> = {
  turn,
  crash,
  stall,
  pressure,
  supervise,
  connect,
  disposal,
  exit,
};

/** A turn that asks before it runs a command, read message by message. */
async function turn(): Promise<unknown> {
  await using provider = await LocalModelProvider.start();
  provider.enqueue(shellCommand('echo from the shell', { escalate: true }), text('It ', 'works.'));
  await using client = await AsyncClient.start(provider.options);
  const { thread } = await client.threadStart({ approvalPolicy: 'on-request', sandbox: 'read-only' });
  const run = client.turnRun({ threadId: thread.id, input: 'Go.' });
  let view = emptyView();
  let approvals = 0;
  for await (const msg of run) {
    view = applyMessage(view, msg);
    if (msg.method !== 'item/commandExecution/requestApproval') continue;
    approvals += 1;
    await client.respond(msg, approve(msg));
  }
  const { finalMessage } = await run.result();
  const command = view.turns.flatMap(({ items }) => items).find((item) => item.type === 'commandExecution');
  return { finalMessage, output: command?.aggregatedOutput?.trim(), approvals };
}

/** The server is killed in the middle of a turn. */
async function crash(): Promise<unknown> {
  await using provider = await LocalModelProvider.start();
  provider.enqueue([text('Let me th'), gate()]);
  await using client = await AsyncClient.start(provider.options);
  const { thread } = await client.threadStart({});
  let heard = '';
  try {
    for await (const piece of client.turnRun({ threadId: thread.id, input: 'Think.' }).text()) {
      heard += piece;
      process.kill(client.pid ?? 0, 'SIGKILL');
    }
  } catch (error) {
    if (!(error instanceof ServerClosedError)) throw error;
    const later = await client.threadStart({}).catch((refused: unknown) => refused);
    const { signal } = await client.closed;
    return { heard, signal: error.signal, closedBy: signal, isClosed: later instanceof ServerClosedError };
  }
  return 'nothing was thrown';
}

/** A reader stops in the middle of a long answer, others go on, and it misses nothing. */
async function stall(): Promise<unknown> {
  await using provider = await LocalModelProvider.start({ defaultReply: echo() });
  provider.enqueue(text(...PIECES));
  await using client = await AsyncClient.start({ ...provider.options, buffer: { highWaterMark: 64 } });
  const slow = client.threadRun({ turn: 'A long one.' })[Symbol.asyncIterator]();
  let heard = '';
  /** Whether there is more. */
  const read = async () => {
    const { done, value } = await slow.next();
    if (value?.method === 'item/agentMessage/delta') heard += value.params.delta;
    return done !== true;
  };
  while (heard === '') await read();
  const heardBefore = heard;
  const others: unknown[] = [];
  const stalled = wait(STALL_MS);
  for (const input of ['one', 'two', 'three'])
    others.push((await client.threadRun({ turn: input }).result()).finalMessage);
  await stalled;
  const waited = heard === heardBefore;
  while (await read());
  return { others, waited, isWhole: heard === PIECES.join('') };
}

/** A server that writes and writes is held back while nobody reads, and goes on when somebody does. */
async function pressure(): Promise<unknown> {
  const line = JSON.stringify({ method: 'warning', params: { message: 'x'.repeat(200) } });
  const script = `while :; do echo '${line}'; echo >&2; done`;
  await using client = await AsyncClient.spawn({ command: ['sh', '-c', script], shutdownGraceMs: 50 });
  let written = 0;
  void (async () => {
    for await (const _ of client.takeStderr() ?? []) written += 1;
  })();
  const isWriting = (before: number) => written === 0 || (written !== before && written < MOST_LINES);
  for (let before = 0; isWriting(before); await wait(QUIET_MS)) before = written;
  const isHeldBack = written > 0 && written < MOST_LINES;
  let read = 0;
  for await (const _ of client.events()) if (++read === 2 * MOST_LINES) break;
  return { isHeldBack, isRead: read === 2 * MOST_LINES };
}

/** A supervised server is killed; the turn that it took along is known as such, and the next one is answered. */
async function supervise(): Promise<unknown> {
  await using provider = await LocalModelProvider.start({ defaultReply: echo() });
  await using supervisor = AsyncClient.supervise(provider.options);
  const { threadId } = await supervisor.threadRun({ turn: 'Hello!' }).result();
  provider.enqueue([text('Let me th'), gate()]);
  const client = await supervisor.client();
  const said = client.tap({ methods: ['item/agentMessage/delta'] });
  const run = supervisor.turnRun({ threadId, input: 'Think.' }, { idempotencyKey: 'job-1' });
  const [cut] = await Promise.all([
    run.result(),
    said.next().then(() => process.kill(client.pid ?? 0, 'SIGKILL')),
  ]);
  const next = supervisor.turnRun({ threadId, input: 'Go on.' }, { idempotencyKey: 'job-2' });
  const { status, finalMessage } = await next.result();
  return { statuses: [cut.status, status], finalMessage };
}

/** A second client, over the socket of a server that the first one started. */
async function connect(): Promise<unknown> {
  await using provider = await LocalModelProvider.start({ defaultReply: echo() });
  const socketPath = `${provider.options.codexHome}/codex.sock`;
  const args = ['--listen', `unix://${socketPath}`];
  await using server = await AsyncClient.spawn({ ...provider.options, args, shutdownGraceMs: 100 });
  let client: AsyncClient | undefined;
  while (client === undefined) client = await AsyncClient.connect({ socketPath }).catch(() => wait(20));
  const { finalMessage } = await client.threadRun({ turn: 'Over the wire.' }).result();
  await client.shutdown();
  return { finalMessage, isServerAlive: server.isAlive };
}

/** A block ends, and with it the server; also where it ends by an error. */
async function disposal(): Promise<unknown> {
  const clients: AsyncClient[] = [];
  const started = async () => {
    await using provider = await LocalModelProvider.start();
    await using client = await AsyncClient.start(provider.options);
    clients.push(client);
    if (clients.length === 2) throw new Error('thrown in the block');
  };
  await started();
  const thrown = await started().catch((error: unknown) => String(error));
  return { states: clients.map(({ state }) => state), thrown };
}

/** The program ends without a word to its server. */
async function exit(): Promise<unknown> {
  const provider = await LocalModelProvider.start();
  const client = await AsyncClient.start(provider.options);
  process.stdout.write(JSON.stringify({ pid: client.pid }), () => process.exit(0));
  return client.closed;
}

async function main(): Promise<void> {
  const name = process.argv[2] ?? '';
  const part = parts[name];
  if (part === undefined) throw new Error(`there is no part ${name}`);
  process.stdout.write(JSON.stringify(await part()));
}

main().catch((error: unknown) => {
  process.exitCode = 1;
  throw error;
});
