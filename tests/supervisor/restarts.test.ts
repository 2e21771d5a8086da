/** What readers get of the restarts of a supervisor. */
import { describe, expect, test } from 'vitest';
import { RestartLog } from '../../src/supervisor/restarts.js';
import { outcomeOf } from '../helpers/piped-server.js';

const NOTHING = { turns: [], approvals: [], threads: [], partialText: [] };

function add(log: RestartLog, startedAtMs: number): void {
  log.add({ startedAtMs, lost: NOTHING, cause: undefined });
}

describe('restarts()', () => {
  test('each reader gets those that were, and those that come, by number', async () => {
    const log = new RestartLog();
    add(log, 10);
    const reader = log.read();
    expect(await reader.next()).toMatchObject({ value: { number: 1, startedAtMs: 10 } });
    const waiting = reader.next();
    expect(await outcomeOf(waiting)).toBe('pending');
    add(log, 20);
    expect(await waiting).toMatchObject({ value: { number: 2, startedAtMs: 20 } });
    expect(await log.read().next()).toMatchObject({ value: { number: 1 } });
  });

  test('of more than a hundred the last hundred are held, and the number says so', async () => {
    const log = new RestartLog();
    for (let at = 1; at <= 130; at += 1) add(log, at);
    expect(await log.read().next()).toMatchObject({ value: { number: 31 } });
  });

  test('it ends after the end, once everything was read', async () => {
    const log = new RestartLog();
    const reader = log.read();
    const waiting = log.read().next();
    add(log, 1);
    log.end(undefined);
    expect(await waiting).toMatchObject({ done: false });
    expect(await reader.next()).toMatchObject({ value: { number: 1 } });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('it throws what the supervisor was given up for, also in a read that waits', async () => {
    const log = new RestartLog();
    const failure = new Error('given up');
    const waiting = log.read().next();
    log.end(failure);
    await expect(waiting).rejects.toBe(failure);
    await expect(log.read().next()).rejects.toBe(failure);
  });

  test('leaving ends a read that waits, and takes nothing from others', async () => {
    const log = new RestartLog();
    const reader = log.read();
    const waiting = reader.next();
    await reader.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    add(log, 1);
    expect(await log.read().next()).toMatchObject({ value: { number: 1 } });
  });
});
