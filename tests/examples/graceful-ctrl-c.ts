/** A clean Ctrl-C: the first one lets the turn that runs come to its end, a second one ends the program at once, codex with it. */
import { AsyncClient, ServerClosedError } from 'codex-async-client';

const DRAIN_MS = 30_000;

await using client = await AsyncClient.start();
process.on('SIGINT', end).on('SIGTERM', end);

function end(signal: NodeJS.Signals): void {
  process.off('SIGINT', end).off('SIGTERM', end); // The next one, of either kind, does what it does by itself.
  console.error('Ending, once this turn is over; once more ends it now.');
  process.exitCode = signal === 'SIGINT' ? 130 : 143; // What a shell expects.
  void client.shutdown({ drainMs: DRAIN_MS }); // No turn begins from here on.
}

let threadId: string | undefined;
for (const input of process.argv.slice(2)) {
  try {
    threadId ??= (await client.threadStart({ approvalPolicy: 'never' })).thread.id;
    const { finalMessage } = await client.turnRun({ threadId, input }).result();
    console.log(`${input}: ${finalMessage}`);
  } catch (error) {
    if (!(error instanceof ServerClosedError)) throw error;
    const messages = error.result?.agentMessages ?? []; // What was said of a turn that was not over in time.
    console.log(`${input}: not done. ${messages.map(({ text }) => text).join('\n')}`.trimEnd());
    process.exitCode ??= 1; // Nobody asked for it: codex is gone.
  }
}
