/** Where the messages of one turn went. */
import { loopsOf, NARROW_FILTER } from '../program/loops.js';
import { type Program, serialsOf } from '../program/program.js';
import type { Reading } from '../program/reading.js';
import type { ModelTurn } from '../server/model-state.js';

/** Those of its notifications that other readers of messages were handed. */
export function* handedToOthers(
  program: Program,
  own: Reading<never> | undefined,
  turn: ModelTurn,
): Iterable<{ readonly name: string; readonly serial: number }> {
  if (mayBeNarrow(turn)) return;
  const said = saidBy(program, turn);
  for (const reading of program.readings) {
    const kind = loopsOf.get(reading)?.kind;
    if (reading === own || kind === undefined || kind === 'tap') continue;
    const serial = messagesIn(reading).find((one) => said.has(one));
    if (serial !== undefined) yield { name: reading.name, serial };
  }
}

/** Those of its notifications that the reader of its run did not get. */
export function notHanded(program: Program, own: Reading<never>, turn: ModelTurn): number[] {
  if (mayBeNarrow(turn)) return [];
  const got = new Set(messagesIn(own));
  return [...saidBy(program, turn)].filter((serial) => !got.has(serial));
}

/** An older stream may be as narrow. */
function mayBeNarrow({ threadId, id }: ModelTurn): boolean {
  return threadId === NARROW_FILTER.threadId && id === NARROW_FILTER.turnId;
}

function saidBy({ server }: Program, { id }: ModelTurn): ReadonlySet<number> {
  const said = server.book.messages.filter(
    (line) => line.kind === 'notification' && line.turnId === id && server.book.hasDelivered(line),
  );
  return new Set(said.map(({ serial }) => serial));
}

function messagesIn({ values }: Reading<never>): number[] {
  return values.flatMap(serialsOf);
}
