/**
 * `npm run soak`: thousands of short turns and requests on the real server with the scripted model, and many starts
 * and shutdowns. It reports heap, handles, listeners and open files at the start and at the end, and fails unless they
 * are flat. `-- --quick` runs a tenth.
 */
import { readdirSync } from 'node:fs';
import { AsyncClient } from 'codex-async-client';
import { echo, LocalModelProvider } from 'codex-async-client/testing';

const isQuick = process.argv.includes('--quick');
const scale = isQuick ? 0.1 : 1;
const THREADS = 10;
const TURNS = 2_000 * scale;
const REQUESTS = 50_000 * scale;
const STARTS = 100 * scale;
/** What caches and the compiler may take after the warm-up. */
const HEAP_SLACK_BYTES = 8 * 1024 * 1024;

/** What must not grow. */
interface Vitals {
  readonly heapBytes: number;
  readonly handles: number;
  readonly listeners: number;
  readonly openFiles: number | undefined;
}

/** Turns over the threads, a request beside each, and the streams opened and left that programs open and leave. */
async function work(client: AsyncClient, threadIds: readonly string[], turns: number): Promise<void> {
  for (let done = 0; done < turns; done += threadIds.length) {
    await Promise.all(
      threadIds.map(async (threadId, index) => {
        const run = client.turnRun({ threadId, input: `turn ${done + index}` });
        if (index % 3 === 0) for await (const message of run) void message;
        const { finalMessage } = await run.result();
        if (finalMessage !== `Echo: turn ${done + index}`) throw new Error(`wrong answer: ${finalMessage}`);
        await using stream = client.events({ threadId });
        void stream;
        await client.threadLoadedList({}, { signal: AbortSignal.any([new AbortController().signal]) });
      }),
    );
    while ((await unread(client)) > 0) await client.nextMessage();
  }
}

async function unread(client: AsyncClient): Promise<number> {
  return client.stats().held.messages;
}

async function requests(client: AsyncClient, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, () => client.threadLoadedList()));
  }
}

async function vitals(): Promise<Vitals> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  const emitters = [process, process.stdout, process.stderr];
  return {
    heapBytes: process.memoryUsage().heapUsed,
    handles: process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length,
    listeners: emitters.reduce(
      (sum, emitter) =>
        sum + emitter.eventNames().reduce((count, name) => count + emitter.listenerCount(name), 0),
      0,
    ),
    openFiles: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : undefined,
  };
}

/** Prints both and gives back what grew. */
function compare(title: string, before: Vitals, after: Vitals): readonly string[] {
  console.log(`${title}\n  before ${JSON.stringify(before)}\n  after  ${JSON.stringify(after)}`);
  const grew: string[] = [];
  if (after.heapBytes > before.heapBytes + HEAP_SLACK_BYTES) grew.push(`${title}: heap`);
  for (const name of ['handles', 'listeners', 'openFiles'] as const) {
    if ((after[name] ?? 0) > (before[name] ?? 0)) grew.push(`${title}: ${name}`);
  }
  return grew;
}

if (globalThis.gc === undefined) throw new Error('run with --expose-gc, as npm run soak does');
await using provider = await LocalModelProvider.start({ defaultReply: echo(), keptRequests: 10 });
const grew: string[] = [];

const beforeClient = await vitals();
{
  await using client = await AsyncClient.start(provider.options);
  const threads = await Promise.all(Array.from({ length: THREADS }, () => client.threadStart({})));
  const threadIds = threads.map(({ thread }) => thread.id);
  // Warm: compiled code, the connections that codex keeps to its model, and what both keep of them.
  await work(client, threadIds, Math.max(100, TURNS / 10));
  await requests(client, 5_000);
  const warm = await vitals();
  await work(client, threadIds, TURNS);
  grew.push(...compare(`${TURNS} turns`, warm, await vitals()));
  const between = await vitals();
  await requests(client, REQUESTS);
  grew.push(...compare(`${REQUESTS} requests`, between, await vitals()));
}

for (let start = 0; start < 3; start += 1) await (await AsyncClient.start(provider.options)).shutdown();
const beforeStarts = await vitals();
for (let start = 0; start < STARTS; start += 1) await (await AsyncClient.start(provider.options)).shutdown();
grew.push(...compare(`${STARTS} starts and shutdowns`, beforeStarts, await vitals()));
console.log(`before any client ${JSON.stringify(beforeClient)}`);

console.log(grew.length === 0 ? 'flat' : `not flat: ${grew.join(', ')}`);
process.exitCode = grew.length === 0 ? 0 : 1;
