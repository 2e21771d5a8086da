/** Laws of tool calls: what is handed out has an input that fits, and no turn waits for a loop that was left (L16, L20). */
import type { ToolCall } from 'codex-async-client';
import type { Program } from '../program/program.js';
import type { Reading } from '../program/reading.js';
import { hasBadArguments } from '../server/turn-player.js';
import type { Law } from './law.js';

/** L16: a call that was handed out, and not answered, is refused when its loop is left. Looked at in every quiet moment. */
export const refusesWhenLeft: Law = function* ({ program }) {
  const { server, ending } = program;
  if (ending !== undefined || !server.child.isReading) return;
  for (const reading of toolLoops(program))
    for (const { request } of reading.isLeaving ? reading.values : [])
      if (server.play.asks[Number(request.id)]?.state === 'open')
        yield `L16: call ${request.id} waits for ${reading.name}, which was left`;
};

/** L20: a call whose arguments do not fit is handed to nobody as a call. */
export const inputsFit: Law = function* ({ program }) {
  for (const { name, values } of toolLoops(program))
    for (const { request } of values)
      if (hasBadArguments(Number(request.id)))
        yield `L20: ${name} was handed call ${request.id}, whose arguments do not fit`;
};

/** The loops over calls. */
export function toolLoops({ readings }: Program): Reading<ToolCall>[] {
  return readings.filter(({ kind }) => kind === 'tools') as unknown as Reading<ToolCall>[];
}
