/** A service that survives its server: a turn is cut short by a crash, the next one is answered, and nothing is sent twice. */
import { AsyncClient } from 'codex-async-client';
import { echo, gate, LocalModelProvider, text } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start({ defaultReply: echo() });
await using supervisor = AsyncClient.supervise({ ...provider.options, healthCheck: {} });
const { threadId } = await supervisor.threadRun({ turn: 'Hello!' }).result();

// What a crash took with it, for the log of the service.
const told = (async () => {
  for await (const { number, cause, lost } of supervisor.restarts())
    console.log(`restart ${number}, lost: ${lost.partialText[0]?.text} (${cause?.code})`);
})();

// A page that follows the thread: it is told in place that something is missing, and goes on.
const log = supervisor.thread(threadId).follow();
const page = (async () => {
  for await (const { gap, snapshot, message } of log.read()) {
    if (gap) console.log('the page begins anew');
    if (snapshot) console.log(`the page has ${snapshot.turns.map(({ status }) => status)}`);
    if (message?.method === 'item/agentMessage/delta' && message.params.delta === 'Let me th')
      process.kill((await supervisor.client()).pid ?? 0, 'SIGKILL'); // The crash.
  }
})();

await log.read().next(); // It has the thread by now, and is told what happens next.

/** A job that has a name is done once, however often it is asked for. */
async function work(job: string, input: string) {
  const { status } = await supervisor.turnRun({ threadId, input }, { idempotencyKey: job }).result();
  console.log(`${job}: ${status}`);
}

provider.enqueue([text('Let me th', gate())]); // The model falls silent.
await work('job-7', 'Think.');
await work('job-8', 'Go on.');
await work('job-7', 'Think.'); // Asked once more, it is the same turn.
await supervisor.shutdown({ drainMs: 10_000 }); // A deploy: what runs may end.
await Promise.all([told, page]);
