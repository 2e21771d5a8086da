/** Recorded programs under a supervisor whose server dies behind a line of the tape: nobody waits in vain, and the next life works. */
import { expect, test } from 'vitest';
import { tapedFlows } from '../tapes/tapes.js';
import { playTapeLives } from './tape-lives.js';

/** Each in another place of its tapes; `LIVES_STRIDE=1` is every line of every tape. */
const STRIDE = Number(process.env['LIVES_STRIDE'] ?? 40);

test('L24 a server dies behind a line of a tape with a turn, and the next one answers', {
  timeout: 600_000,
}, async () => {
  const broken: string[] = [];
  const withTurns = tapedFlows().filter(({ tape }) => JSON.stringify(tape.lines).includes('"turn/start"'));
  let place = 0;
  for (const taped of withTurns)
    for (const { line } of taped.tape.lines) {
      place += 1;
      if (place % STRIDE === 0) broken.push(...(await playTapeLives(taped, line, place)));
    }
  expect(place).toBeGreaterThan(1_000);
  expect(broken).toEqual([]);
});
