/** A server over its whole life: one stop, an exit that pipes cannot put off, and a death that harms nobody. */
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { spawnServer } from '../../../src/app-server/launch/spawn-server.js';
import { isRunning, pidOf, readLine, start, untilGone } from '../processes.js';

const grandchildren: number[] = [];

afterEach(() => {
  for (const pid of grandchildren.splice(0)) process.kill(pid, 'SIGKILL');
});

describe('stop', () => {
  it('L13 is idempotent: calls at once and calls after the exit settle, and the steps are taken once', async () => {
    const server = await start('ends-with-stdin');
    expect(await readLine(server.stdout)).toBe('ready');
    const first = server.stop();
    expect(server.stop()).toBe(first);
    await first;
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: 0, signal: null });
  });

  it('L13 waits for exit and not for close: a grandchild that holds the pipes holds up nothing', async () => {
    const server = await start('leaves-grandchild');
    const grandchild = Number(await readLine(server.stdout));
    grandchildren.push(grandchild);
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: 3, signal: null });
    await server.stderr.ended;
    expect(server.stderr.tail).toBe('the last words');
    expect(await isRunning(grandchild)).toBe(true);
    expect(server.stdout.closed).toBe(false);
    server.release();
    expect(server.stdout.destroyed).toBe(true);
  });

  it('leaves alone what a server that goes by itself leaves running in its group', async () => {
    const script = fileURLToPath(
      new URL('../../../fixtures/servers/fault-leaves-grandchild.sh', import.meta.url),
    );
    const server = await spawnServer({ command: [script, 'waits'] });
    const grandchild = Number(JSON.parse(await readLine(server.stdout)).params.message);
    grandchildren.push(grandchild);
    await server.stop();
    expect(await server.exited).toEqual({ exitCode: 3, signal: null });
    expect(await isRunning(grandchild)).toBe(true);
    server.release();
  });

  it('ends the stderr log of a server whose grandchild writes to stderr for ever', async () => {
    const server = await start('leaves-grandchild', ['flood']);
    grandchildren.push(Number(await readLine(server.stdout)));
    await server.stop();
    await server.stderr.ended;
    server.release();
  });
});

describe('the death of a server', () => {
  it('L8 a write after it is an error of the stream and none of the host', async () => {
    const server = await start('exits-at-once');
    const failures: unknown[] = [];
    await new Promise<void>((resolve) => {
      const writeOn = (error?: Error | null) => {
        if (error) failures.push(error);
        if (error) resolve();
        else server.stdin.write('{}\n', writeOn);
      };
      writeOn();
    });
    expect(failures).toHaveLength(1);
    await server.exited;
    await server.stop();
  });

  it('is seen with its signal when somebody kills it', async () => {
    const server = await start('ends-with-stdin');
    process.kill(pidOf(server), 'SIGKILL');
    expect(await server.exited).toEqual({ exitCode: null, signal: 'SIGKILL' });
    await untilGone(pidOf(server));
  });
});
