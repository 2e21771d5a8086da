/** A start that fails: no process is left, and the error has the server's last words. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncClient, HandshakeError, type StartOptions, UnsupportedServerError } from 'codex-async-client';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { turn } from '../helpers/piped-server.js';
import { runningOf } from '../helpers/processes.js';
import { scriptedCommand } from '../helpers/scripted.js';

const SERVER = 'fault-fails-to-start';

/** A start on a server that fails so, and where to find the pid that the server had. */
function failingStart(how: string, options: StartOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'codex-async-client-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const pidFile = join(folder, 'pid');
  const command = scriptedCommand(SERVER, pidFile, how);
  const started = AsyncClient.start({ ...options, command, shutdownGraceMs: 50 });
  return {
    pidFile,
    error: started.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  };
}

async function expectGone(pidFile: string): Promise<void> {
  expect(existsSync(pidFile)).toBe(true);
  expect(await runningOf([Number(readFileSync(pidFile, 'utf8'))], SERVER)).toEqual([]);
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a start that fails leaves no process behind', () => {
  test.each([
    ['refuses', 'no configuration'],
    ['exits', 'exited with code 9'],
    ['kills itself', 'was ended by SIGKILL'],
    ['writes garbage', 'a line that is not JSON'],
    ['closes its stdout', 'was ended by SIGKILL'],
  ])(
    'L13 orphaned app-servers after a failed start: none is left because the server %s',
    async (how, why) => {
      const { pidFile, error } = failingStart(how);
      const failure = await error;
      expect(failure).toBeInstanceOf(HandshakeError);
      expect(failure).toMatchObject({ stderrTail: expect.stringContaining(`cannot start: ${how}`) });
      expect(String(failure)).toContain(why);
      await expectGone(pidFile);
    },
  );

  test('L13 because the server does not answer in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { pidFile, error } = failingStart('stays silent', { requestTimeoutMs: 1_000 });
    while (!existsSync(pidFile)) await turn();
    // Its last words came before; they are in the pipe, and read in one of the next turns.
    for (let turns = 0; turns < 5; turns += 1) await turn();
    vi.advanceTimersByTime(1_000);
    // What follows, the end of the process, takes as long as it takes.
    vi.useRealTimers();
    const failure = await error;
    expect(failure).toBeInstanceOf(HandshakeError);
    expect(String(failure)).toContain('initialize was not answered within 1000 ms');
    expect(failure).toMatchObject({ stderrTail: expect.stringContaining('cannot start: stays silent') });
    await expectGone(pidFile);
  });

  test('L13 because it is aborted in the middle of the handshake', async () => {
    const abort = new AbortController();
    const { pidFile, error } = failingStart('stays silent', { signal: abort.signal });
    while (!existsSync(pidFile)) await turn();
    const reason = new Error('the user left');
    abort.abort(reason);
    expect(await error).toBe(reason);
    await expectGone(pidFile);
  });

  test('L13 because the server is too old', async () => {
    const { pidFile, error } = failingStart('is too old');
    expect(await error).toBeInstanceOf(UnsupportedServerError);
    await expectGone(pidFile);
  });
});
