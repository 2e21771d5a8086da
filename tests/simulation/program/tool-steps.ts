/** What a program does with calls of its tools: loops over them that answer at once, late, or not at all. */
import { defineTools, type ToolCall, type ToolCallOf } from 'codex-async-client';
import { heldOptions, paceOf } from './loops.js';
import type { Program } from './program.js';
import { Reading } from './reading.js';
import { THREADS } from './run-steps.js';

/** The tool that the server's turns call. */
const TOOLS = defineTools({
  t: {
    description: 'counts',
    input: { type: 'object', properties: { count: { type: 'integer' } }, additionalProperties: false },
  },
});

/** Opens a loop over calls of the tool, of one thread or of all. */
export function openToolLoop(program: Program): void {
  const { client, random } = program;
  const name = `tools ${program.readings.length}`;
  const threadId = random.chance(0.3) ? random.pick(THREADS) : undefined;
  const { maxHeldBytes } = heldOptions(program);
  const controller = random.chance(0.3) ? program.controller() : undefined;
  program.note(`opens ${name}`, { threadId, maxHeldBytes });
  program.handsOn = true;
  const calls = client.toolCalls(TOOLS, { threadId, maxHeldBytes, signal: controller?.signal });
  const draws = random.fork();
  const got = (call: ToolCallOf<typeof TOOLS>) => {
    program.noteHanded(call.request, name);
    if (draws.chance(0.5)) answerCall(program, call);
    return undefined;
  };
  const reading = new Reading('tools', name, calls, paceOf(program), got);
  program.read(reading);
  const kept = reading as unknown as Reading<never>;
  if (controller !== undefined) program.aborting.push({ name, controller, reading: kept });
}

/** Answers a call, or says that it failed. */
function answerCall(program: Program, call: ToolCall): void {
  const { server, random } = program;
  const askId = Number(call.request.id);
  const { withdrawnBy } = server.play.asks[askId] ?? {};
  const wasWithdrawn = withdrawnBy !== undefined && server.book.hasDelivered(withdrawnBy);
  const place = program.takePlace();
  const how = random.chance(0.7) ? 'respond' : 'fail';
  program.note(`${how}s to call ${askId}`, { place });
  program.tally.count('tool call', how);
  const watched = program.watch('write', `${how} to call ${askId}`, call[how](`place ${place}`));
  program.answers.push({ askId, watched, wasWithdrawn, place });
}
