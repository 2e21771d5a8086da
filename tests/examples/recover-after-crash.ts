/** Recovering after a crash: a new client resumes the thread where the old one lost its server. */
import { AsyncClient, ServerClosedError } from 'codex-async-client';
import { gate, LocalModelProvider, text } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start();
provider.enqueue(text('I will remember.'), text('Let me th', gate()), text('You asked me to remember.'));

const first = await AsyncClient.start(provider.options);
const { threadId } = await first.threadRun({ turn: 'Remember this.' }).result();

try {
  for await (const piece of first.turnRun({ threadId, input: 'Now think.' }).text()) {
    console.log(piece);
    if (first.pid !== undefined) process.kill(first.pid, 'SIGKILL'); // The crash.
  }
} catch (error) {
  if (!(error instanceof ServerClosedError)) throw error;
  console.log(`server gone: ${error.signal}`);
}

await using second = await AsyncClient.start(provider.options);
const resumed = await second.threadResume({ threadId });
const { finalMessage } = await second.thread(resumed).run('What did I ask of you?').result();
console.log(finalMessage);
