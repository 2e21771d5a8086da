/** Signs of life: a silence is asked about, any byte is an answer, and one that does not come is told. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pulse } from '../../src/support/pulse.js';
import { outcomeOf, turn } from '../helpers/piped-server.js';

/** The other end, as far as it can be asked. */
class OtherEnd {
  bytesRead = 0;
  isPaused = false;
  pings = 0;

  ping(): void {
    this.pings += 1;
  }
}

const TIMES = { intervalMs: 100, limitMs: 40 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a connection', () => {
  test('is asked after a silence, and not before', () => {
    const end = new OtherEnd();
    const pulse = new Pulse(end, TIMES);
    vi.advanceTimersByTime(99);
    expect(end.pings).toBe(0);
    vi.advanceTimersByTime(1);
    expect(end.pings).toBe(1);
    pulse.end();
  });

  test('is not asked while something comes', () => {
    const end = new OtherEnd();
    const pulse = new Pulse(end, TIMES);
    for (let n = 0; n < 10; n += 1) {
      end.bytesRead += 1;
      vi.advanceTimersByTime(100);
    }
    expect(end.pings).toBe(0);
    pulse.end();
  });

  test('whose ping is answered is asked again after the next silence', async () => {
    const end = new OtherEnd();
    const pulse = new Pulse(end, TIMES);
    for (let asked = 1; asked <= 3; asked += 1) {
      vi.advanceTimersByTime(100);
      expect(end.pings).toBe(asked);
      end.bytesRead += 2;
      vi.advanceTimersByTime(40);
      expect(await outcomeOf(pulse.lost)).toBe('pending');
    }
    pulse.end();
  });

  test('whose ping is not answered in time is lost', async () => {
    const end = new OtherEnd();
    const pulse = new Pulse(end, TIMES);
    vi.advanceTimersByTime(139);
    expect(await outcomeOf(pulse.lost)).toBe('pending');
    vi.advanceTimersByTime(1);
    expect(await outcomeOf(pulse.lost)).toBeUndefined();
  });

  test('whose ping is not answered is asked again until the limit: a proxy notices by a write that its server has gone', async () => {
    const end = new OtherEnd();
    const pulse = new Pulse(end, { intervalMs: 100, limitMs: 250 });
    vi.advanceTimersByTime(300);
    expect(end.pings).toBe(3);
    vi.advanceTimersByTime(49);
    expect(await outcomeOf(pulse.lost)).toBe('pending');
    vi.advanceTimersByTime(1);
    expect(await outcomeOf(pulse.lost)).toBeUndefined();
    expect(end.pings).toBe(3);
  });

  test('that is to be asked once has as long to answer, and is asked again after the next silence', async () => {
    const end = new OtherEnd();
    const pulse = new Pulse(end, { intervalMs: 100, limitMs: 250, asksOnce: true });
    vi.advanceTimersByTime(300);
    expect(end.pings).toBe(1);
    end.bytesRead += 1;
    vi.advanceTimersByTime(49);
    expect(await outcomeOf(pulse.lost)).toBe('pending');
    vi.advanceTimersByTime(1);
    expect(await outcomeOf(pulse.lost)).toBe('pending');
    vi.advanceTimersByTime(100);
    expect(end.pings).toBe(2);
    vi.advanceTimersByTime(250);
    expect(await outcomeOf(pulse.lost)).toBeUndefined();
    expect(end.pings).toBe(2);
  });

  test('that answers the second ping is left alone until the next silence', async () => {
    const end = new OtherEnd();
    const pulse = new Pulse(end, { intervalMs: 100, limitMs: 250 });
    vi.advanceTimersByTime(200);
    end.bytesRead += 2;
    vi.advanceTimersByTime(199);
    expect(end.pings).toBe(2);
    vi.advanceTimersByTime(1);
    expect([end.pings, await outcomeOf(pulse.lost)]).toEqual([3, 'pending']);
    pulse.end();
  });

  test('is not asked, and not lost, while we leave unread what it says', async () => {
    const end = new OtherEnd();
    const pulse = new Pulse(end, TIMES);
    end.isPaused = true;
    vi.advanceTimersByTime(100);
    expect(end.pings).toBe(0);
    end.isPaused = false;
    vi.advanceTimersByTime(100);
    expect(end.pings).toBe(1);
    end.isPaused = true;
    vi.advanceTimersByTime(40);
    expect(await outcomeOf(pulse.lost)).toBe('pending');
    end.isPaused = false;
    vi.advanceTimersByTime(140);
    expect(await outcomeOf(pulse.lost)).toBeUndefined();
  });

  test('is not lost when the answer is there and the program was too busy to read it', async () => {
    const end = new OtherEnd();
    const pulse = new Pulse(end, TIMES);
    vi.advanceTimersByTime(140);
    // The clock is past the limit, and the answer is read in the same turn of the event loop.
    end.bytesRead += 2;
    expect(await outcomeOf(pulse.lost)).toBe('pending');
    vi.advanceTimersByTime(100);
    expect(end.pings).toBe(2);
    pulse.end();
  });

  test('that has ended is asked no more, and never lost', async () => {
    const end = new OtherEnd();
    const idle = new Pulse(end, TIMES);
    idle.end();
    const asked = new Pulse(end, TIMES);
    vi.advanceTimersByTime(140);
    asked.end();
    await turn();
    vi.advanceTimersByTime(1_000);
    expect(end.pings).toBe(1);
    expect(await outcomeOf(Promise.race([idle.lost, asked.lost]))).toBe('pending');
  });

  test('with an interval of 0 is never asked', () => {
    const end = new OtherEnd();
    new Pulse(end, { intervalMs: 0, limitMs: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });
});
