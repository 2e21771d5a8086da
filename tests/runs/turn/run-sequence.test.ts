/** Runs of one turn that follow each other. */
import { describe, expect, test } from 'vitest';
import { RunSequence } from '../../../src/runs/turn/run-sequence.js';
import { outcomeOf } from '../../helpers/piped-server.js';

describe('a sequence of runs', () => {
  test('gives the run that has begun, and to those who wait the next one', async () => {
    const runs = new RunSequence<string>();
    const early = runs.following();
    expect([runs.current, await outcomeOf(early)]).toEqual([undefined, 'pending']);
    runs.begin('first');
    expect([runs.current, await early, await runs.following()]).toEqual(['first', 'first', 'first']);
  });

  test('gives what follows a run that was cut off, also before that is noted', async () => {
    const runs = new RunSequence<string>();
    runs.begin('first');
    const next = runs.following('first');
    runs.cutOff();
    expect([runs.current, await outcomeOf(runs.following())]).toEqual([undefined, 'pending']);
    runs.begin('second');
    expect([await next, await runs.following('first')]).toEqual(['second', 'second']);
  });

  test('tells why none follows, and keeps the last one', async () => {
    const runs = new RunSequence<string>();
    runs.begin('first');
    const next = runs.following('first');
    runs.end('enough');
    await expect(next).rejects.toBe('enough');
    await expect(runs.following('first')).rejects.toBe('enough');
    expect(await runs.following()).toBe('first');
  });

  test('keeps to its end, whatever begins behind it', async () => {
    const runs = new RunSequence<string>();
    runs.end('enough');
    runs.begin('late');
    expect(runs.current).toBeUndefined();
    await expect(runs.following()).rejects.toBe('enough');
  });
});
