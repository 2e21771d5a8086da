/** How the program answers what the server asks: once, twice, late, by its id, or with a refusal. */
import type { ServerRequest } from 'codex-async-client';
import type { Handed, Program } from './program.js';

/** Answers something that a reader was handed, now or before. */
export function answer(program: Program, { request, by }: Handed): void {
  const { client, server, random } = program;
  const askId = Number(request.id);
  const ask = server.play.asks[askId];
  const { withdrawnBy } = ask ?? {};
  const wasWithdrawn = withdrawnBy !== undefined && server.book.hasDelivered(withdrawnBy);
  const place = program.takePlace();
  const how = by === 'a view' ? 'respondById' : random.weighted({ respond: 6, respondById: 2, respondError: 2 });
  program.note(`${how} to ${askId}`, { place });
  program.tally.count('step', how);
  const promise = send(client, how, request, place);
  const watched = program.watch('write', `${how} to ${askId}`, promise);
  program.answers.push({ askId, watched, wasWithdrawn, place });
}

function send(
  client: Program['client'],
  how: 'respond' | 'respondById' | 'respondError',
  request: ServerRequest,
  place: number,
): Promise<void> {
  const result = { decision: 'accept', place };
  if (how === 'respond') return client.respond(request, result as never);
  if (how === 'respondById') return client.respondById(request.id, result);
  return client.respondError(request, -32_000, 'no', { place });
}

/** What the program has been handed and the server still waits for. */
export function unanswered(program: Program): Handed[] {
  const given = new Set(program.answers.map(({ askId }) => askId));
  const { asks } = program.server.play;
  return program.handed.filter(({ request }) => {
    const ask = asks[Number(request.id)];
    return ask?.state === 'open' && !given.has(ask.id);
  });
}
