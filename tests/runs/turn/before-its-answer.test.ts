/** A turn of which the server speaks before it answers `turn/start`: nothing promises that the answer comes first. */
import { expect, test } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { PlayedServer } from '../played-server.js';

test('L10 started() of a turn that was cut off after turn/started and before its answer fails nobody else', async () => {
  const server = new PlayedServer();
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  (await server.turn()).started();
  await server.piped.quiet();
  server.piped.end();
  await server.client.closed;
  expect(await outcomeOf(run.started())).toEqual({ threadId: 't', turnId: 'turn-1' });
  await server.piped.quiet();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
