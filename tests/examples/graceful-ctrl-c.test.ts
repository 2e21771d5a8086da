/** The example of a clean Ctrl-C, which gets one as a terminal sends it: to everybody in the foreground group. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as textOf } from 'node:stream/consumers';
import { gate, LocalModelProvider, text } from 'codex-async-client/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isRunning, untilGone } from '../app-server/processes.js';
import { childrenOf } from '../helpers/processes.js';
import { programFile } from '../helpers/programs.js';
import { environmentOf } from '../helpers/provider-home.js';

/** The example with two turns to run, the first of which is held in the middle, and has got a signal there. */
async function interrupted(provider: LocalModelProvider, signal: NodeJS.Signals) {
  const middle = gate();
  provider.enqueue(text('One half, ', middle, 'the other.'), text('Never said.'));
  const file = programFile('tests/examples/graceful-ctrl-c.ts');
  const program = spawn(process.execPath, [file, 'first', 'second'], {
    env: environmentOf(provider),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(() => void program.kill('SIGKILL'));
  const ended = once(program, 'exit');
  const printed = textOf(program.stdout);
  await middle.reached;
  const [server = 0] = childrenOf(program.pid, 'app-server');
  const press = (pressed: NodeJS.Signals) => process.kill(-Number(program.pid), pressed);
  press(signal);
  const [said] = await once(program.stderr, 'data');
  expect(String(said)).toBe('Ending, once this turn is over; once more ends it now.\n');
  return { ended, printed, middle, press, server };
}

// Windows has no signals.
describe.skipIf(process.platform === 'win32')('a clean Ctrl-C', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'L13 %s: the turn that runs is finished, the next one is not begun, the exit code is %i',
    async (signal, code) => {
      await using provider = await LocalModelProvider.start();
      const { ended, printed, middle, server } = await interrupted(provider, signal);
      middle.open();
      expect(await ended).toEqual([code, null]);
      expect(await printed).toBe('first: One half, the other.\nsecond: not done.\n');
      expect(provider.requests).toHaveLength(1);
      expect(await isRunning(server)).toBe(false);
    },
  );

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'L13 a second signal, %s, ends the program at once, and codex with it',
    async (second) => {
      await using provider = await LocalModelProvider.start();
      const { ended, printed, press, server } = await interrupted(provider, 'SIGINT');
      press(second);
      expect(await ended).toEqual([null, second]);
      expect(await printed).toBe('');
      expect(await provider.requests[0]?.finished).toBe('aborted');
      await untilGone(server);
    },
  );
});
