/**
 * A turn is adopted at any message of it, with any part of it read by others before, and the server has told any more of it by
 * the time at which it answers: the result is that of one who saw all.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agentMessage, PlayedServer, type PlayedTurn } from '../played-server.js';
import { command, NAME, theirTurn, told } from './adopted.js';

/** `A` is an agent message in two pieces, `C` a command, `R` a request of the server. */
const anyTurn = fc.array(fc.constantFrom('A', 'C', 'R'), { maxLength: 6 });

/** One message of the turn: how it is sent, and the item that the server keeps from then on. */
interface Sent {
  send(turn: PlayedTurn): void;
  readonly item?: { readonly id: string; readonly type: string };
}

function messagesOf(kinds: readonly string[]): Sent[] {
  const within = kinds.flatMap((kind, n): Sent[] => {
    const id = `${kind}${n}`;
    if (kind === 'R') return [{ send: (turn) => turn.ask(id) }];
    const item = kind === 'C' ? command(id) : agentMessage(id, `${id}, half`);
    const whole: Sent = { send: (turn) => turn.item(item), item };
    const piece = (delta: string): Sent => ({
      send: (turn) => turn.send('item/agentMessage/delta', { turnId: turn.turnId, itemId: id, delta }),
    });
    return kind === 'C' ? [whole] : [piece(id), piece(', half'), whole];
  });
  return [{ send: (turn) => turn.started() }, ...within, { send: (turn) => turn.complete() }];
}

const itemsOf = (sent: readonly Sent[]) => sent.flatMap(({ item }) => item ?? []);

/** Where something happens, of what there is. */
const place = fc.double({ min: 0, max: 1, noNaN: true });

/** How many messages were sent at the call, were read by then, are kept at the question, and were sent before its answer. */
function placesOf(count: number, [adoptedAt = 0, readAt = 0, keptAt = 0, answeredAt = 0]: readonly number[]) {
  const adopted = Math.round(adoptedAt * count);
  const later = (at: number) => adopted + Math.round(at * (count - adopted));
  return [adopted, Math.round(readAt * adopted), later(keptAt), later(answeredAt)] as const;
}

test('L1 L15 adopted at any message, a turn has the items and the answer that one who saw all has', async () => {
  const property = fc.asyncProperty(anyTurn, place, place, place, place, async (kinds, ...places) => {
    await using server = new PlayedServer();
    const sent = messagesOf(kinds);
    const turn = theirTurn(server);
    // What the server keeps may be told later, and its answer may come later than what it tells.
    const [adopted, read, kept, answered] = placesOf(sent.length, places);
    for (const { send } of sent.slice(0, adopted)) send(turn);
    await server.piped.quiet();
    for (let n = 0; n < read; n += 1) await server.client.nextMessage();
    const run = server.client.turn(NAME);
    const result = run.result();
    const question = await server.next('thread/read');
    for (const { send } of sent.slice(adopted, answered)) send(turn);
    const items = itemsOf(sent.slice(0, kept));
    const isOver = kept === sent.length;
    const turns = [told(items, isOver ? 'completed' : 'inProgress')];
    server.answer(question, { thread: { id: 't', status: { type: isOver ? 'idle' : 'active' }, turns } });
    for (const { send } of sent.slice(answered)) send(turn);
    const { items: all, agentMessages, finalMessage, status } = await result;
    const messages = itemsOf(sent).filter(({ type }) => type === 'agentMessage');
    expect(all).toEqual(itemsOf(sent));
    expect(agentMessages.map(({ id, text }) => ({ id, text }))).toEqual(
      messages.map(({ id }) => ({ id, text: `${id}, half` })),
    );
    expect([finalMessage, status]).toEqual([agentMessages.at(-1)?.text, 'completed']);
    expect(server.sent('turn/interrupt')).toBe(0);
  });
  await fc.assert(property, { numRuns: 150, timeout: 20_000 });
});
