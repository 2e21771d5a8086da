/** A server that lives and does not answer: when it is asked, and when it is given up. */
import { RequestTimeoutError } from 'codex-async-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HealthWatch } from '../../src/supervisor/health-watch.js';
import { turn } from '../helpers/piped-server.js';

const TIMES = { everyMs: 100, timeoutMs: 40 };

/** A server as far as it is watched. */
class Watched {
  bytesReceived = 0;
  isPaused = false;
  /** What it does when it is asked. */
  answer: () => Promise<unknown> = () => new Promise(() => {});
  asked = 0;
  readonly causes: Error[] = [];

  ask(): Promise<unknown> {
    this.asked += 1;
    return this.answer();
  }

  giveUp(cause: Error): void {
    this.causes.push(cause);
  }
}

/** Some turns of the event loop: the verdict waits for two. */
async function verdict(): Promise<void> {
  for (let turns = 0; turns < 4; turns += 1) await turn();
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a server that is watched', () => {
  test('is asked after a silence, and given up when nothing comes', async () => {
    const server = new Watched();
    new HealthWatch(server, TIMES);
    vi.advanceTimersByTime(99);
    expect(server.asked).toBe(0);
    vi.advanceTimersByTime(1 + 39);
    await verdict();
    expect([server.asked, server.causes]).toEqual([1, []]);
    vi.advanceTimersByTime(1);
    await verdict();
    const [cause] = server.causes;
    expect(cause).toBeInstanceOf(RequestTimeoutError);
    expect(cause).toMatchObject({ method: 'healthCheck', timeoutMs: 40 });
    expect(cause?.message).toMatch(/silent for 100 ms .* no sign of life within 40 ms/);
    vi.advanceTimersByTime(10_000);
    await verdict();
    expect([server.asked, server.causes.length]).toEqual([1, 1]);
  });

  test('is asked once a silence, however long it may be silent', async () => {
    const server = new Watched();
    const watch = new HealthWatch(server, { everyMs: 100, timeoutMs: 1_000 });
    vi.advanceTimersByTime(1_000);
    expect(server.asked).toBe(1);
    server.bytesReceived += 1;
    vi.advanceTimersByTime(200);
    await verdict();
    expect([server.asked, server.causes]).toEqual([2, []]);
    watch.end();
  });

  test('lives with any byte, whatever it is, and is asked again after the next silence', async () => {
    const server = new Watched();
    const watch = new HealthWatch(server, TIMES);
    for (let asked = 1; asked <= 3; asked += 1) {
      vi.advanceTimersByTime(100);
      expect(server.asked).toBe(asked);
      server.bytesReceived += 1;
      vi.advanceTimersByTime(40);
      await verdict();
    }
    expect(server.causes).toEqual([]);
    watch.end();
  });

  test('is not given up when what it said is read in the turn of the verdict', async () => {
    const server = new Watched();
    const watch = new HealthWatch(server, TIMES);
    vi.advanceTimersByTime(140);
    await turn();
    server.bytesReceived += 1;
    await verdict();
    expect(server.causes).toEqual([]);
    watch.end();
  });

  test('is neither asked nor given up while nobody reads', async () => {
    const server = new Watched();
    const watch = new HealthWatch(server, TIMES);
    server.isPaused = true;
    vi.advanceTimersByTime(1_000);
    expect(server.asked).toBe(0);
    server.isPaused = false;
    vi.advanceTimersByTime(100);
    server.isPaused = true;
    vi.advanceTimersByTime(40);
    await verdict();
    expect([server.asked, server.causes]).toEqual([1, []]);
    watch.end();
  });

  test('whose question fails here is not dead for that, and the failure is nobody’s', async () => {
    const server = new Watched();
    const watch = new HealthWatch(server, TIMES);
    server.answer = () => Promise.reject(new Error('no room'));
    vi.advanceTimersByTime(100);
    await verdict();
    expect(server.causes).toEqual([]);
    server.bytesReceived += 1;
    vi.advanceTimersByTime(40);
    await verdict();
    expect(server.causes).toEqual([]);
    watch.end();
  });
});

test('an ended watch asks and gives up no more, and leaves no timer', async () => {
  const server = new Watched();
  const watch = new HealthWatch(server, TIMES);
  vi.advanceTimersByTime(140);
  watch.end();
  await verdict();
  vi.advanceTimersByTime(1_000);
  await verdict();
  expect([server.asked, server.causes.length, vi.getTimerCount()]).toEqual([1, 0, 0]);
});
