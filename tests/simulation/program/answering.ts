/** How the program answers what the server asks: once, twice, late, by its id, or with a refusal. */
import type { ServerRequest } from 'codex-async-client';
import type { Ask } from '../server/model-state.js';
import type { Handed, Program } from './program.js';

const WAYS = { respond: 6, respondById: 2, respondError: 2 };

/** Answers something that a reader was handed, now or before. */
export function answer(program: Program, { request, by }: Handed): void {
  const { client, server, random } = program;
  const askId = Number(request.id);
  const ask = server.play.asks[askId];
  const { withdrawnBy } = ask ?? {};
  const wasWithdrawn = withdrawnBy !== undefined && server.book.hasDelivered(withdrawnBy);
  const place = program.takePlace();
  const how = by === 'a view' ? 'respondById' : random.weighted(WAYS);
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

/** What the program has been handed, or can know of, and the server still waits for. */
export function unanswered(program: Program): Handed[] {
  const given = new Set(program.answers.map(({ askId }) => askId));
  const open = program.server.play.asks.filter(({ id, state }) => state === 'open' && !given.has(id));
  return open.flatMap((ask) => {
    const handed = program.handed.find(({ request }) => request.id === ask.id);
    if (handed !== undefined) return [handed];
    // A view does not show what it does not know, and what a joined turn asks is not denied: others may know it.
    return isHiddenByView(program, ask) ? [viewed(ask)] : [];
  });
}

/** A request as a view has it: its id. */
export function viewed({ id, method }: Pick<Ask, 'id' | 'method'>): Handed {
  return { request: { kind: 'request', id, method, params: {} } as unknown as ServerRequest, by: 'a view' };
}

function isHiddenByView({ runs, server }: Program, { turn, method, threadId, lines }: Ask): boolean {
  const [line] = lines;
  if (line === undefined || !server.book.hasDelivered(line)) return false;
  const ofSnapshots = runs.filter((run) => run.mode === 'snapshots' && run.threadId === turn.threadId);
  // Who leaves does not know what came behind the last state that was taken.
  // That is also what it took for its own before its start was answered.
  const isOf = (label: string) => label === turn.label || turn.owner === 'other';
  if (ofSnapshots.some(({ label, leftInTurn }) => leftInTurn !== undefined && isOf(label))) return true;
  const mayBeJoined = turn.joins > 0 || ofSnapshots.some(({ options }) => options.whenBusy === 'steer');
  const isShown = method !== 'item/later/ask' && threadId === turn.threadId;
  return ofSnapshots.length > 0 && mayBeJoined && !isShown;
}
