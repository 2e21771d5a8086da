/**
 * A host program that brings a real codex to a point, has it killed, and prints one line of JSON: what was wrong, and
 * the pid. Then it does nothing: it has to end by itself.
 * Usage: codex-host.ts SIGNAL SCENE
 */
import { AsyncClient, type ServerMessage } from '../../src/index.js';
import { LocalModelProvider } from '../../src/testing/index.js';
import { SCENES, type Stage } from './codex-scenes.js';
import { settled, Tracked } from './tracked.js';

const [signal = '', sceneName = ''] = process.argv.slice(2);
const provider = await LocalModelProvider.start();
const client = await AsyncClient.start({ ...provider.options, buffer: { highWaterMark: 64 } });
const stage: Stage = { client, provider, tracked: new Tracked(), handed: [], looks: [] };
await SCENES[sceneName]?.(stage);

const pid = client.pid ?? 0;
process.kill(pid, signal);
const { error, exitCode, signal: diedOf, expected } = await client.closed;
await settled();

const problems: string[] = [];
if (error === undefined || expected) problems.push(`the end counts as expected: ${error}`);
const isDeathAsSent = diedOf === signal || (signal === 'SIGTERM' && exitCode === 0);
if (!isDeathAsSent) problems.push(`it ended with code ${exitCode} and signal ${diedOf}`);
const said = diedOf === null ? `exited with code ${exitCode}` : `was ended by ${diedOf}`;
if (!error?.message.includes(said))
  problems.push(`the error does not say that it ${said}: ${error?.message}`);
for (const [name, ending] of stage.tracked.endings) {
  const isAnswered = ending.state === 'resolved' && name.startsWith('request');
  // That of a run has what its turn had come to, and the client's as its cause.
  const isOne = ending.state === 'rejected' && [ending.error, causeOf(ending.error)].includes(error);
  if (!isAnswered && !isOne) problems.push(`${name} is ${ending.state} with ${JSON.stringify(ending)}`);
}
problems.push(...stage.looks.flatMap((look) => look() ?? []));
await readTheRest();
if (client.stats().held.messages > 0) problems.push('messages are held that nobody can read');
const late = await client.request('thread/list', {}).catch((reason: unknown) => reason);
if (late !== error) problems.push(`a call afterwards rejects with ${late}`);
await client.shutdown();
await provider.close();
process.stdout.write(`${JSON.stringify({ problems, pid })}\n`);

function causeOf(reason: unknown): unknown {
  return reason instanceof Error ? reason.cause : undefined;
}

/** Everything that was received is handed out; the pieces of a flood arrive without a gap. */
async function readTheRest(): Promise<void> {
  const rest: ServerMessage[] = [];
  const end = await (async () => {
    for await (const message of client.events()) rest.push(message);
  })().catch((reason: unknown) => reason);
  if (end !== error) problems.push(`the main stream ended with ${end}`);
  const { received, delivered, evicted, discarded } = client.stats().messages;
  if (received !== delivered || evicted + discarded > 0)
    problems.push(`${received} received, ${delivered} delivered, ${evicted} evicted, ${discarded} discarded`);
  const numbers = rest.flatMap((message) =>
    message.method === 'item/agentMessage/delta' ? [Number(message.params.delta)] : [],
  );
  if (sceneName.includes('flood') && numbers.length === 0)
    problems.push('nothing of the flood was handed out');
  if (numbers.some((number, index) => number !== index)) problems.push('the flood has a gap');
}
