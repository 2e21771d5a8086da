/** What a reader gets of a run that goes on as another one. */
import { BackpressureError, ServerClosedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { RelayedStream } from '../../../src/runs/turn/relayed-stream.js';
import { RunSequence } from '../../../src/runs/turn/run-sequence.js';
import { PullStream } from '../../../src/support/pull-stream.js';

const closed = new ServerClosedError('gone', { exitCode: 1, signal: null, stderrTail: '' });
const cut = new BackpressureError('too slow', { missed: 3 });

/** A run: what it hands out, one after the other, errors thrown. */
class Script extends PullStream<number> {
  readonly #steps: (number | Error)[];
  wasLeft = false;

  constructor(...steps: (number | Error)[]) {
    super();
    this.#steps = steps;
  }

  protected override async take(): Promise<number | undefined> {
    const step = this.#steps.shift();
    if (step instanceof Error) throw step;
    return step;
  }

  protected override leave(): void {
    this.wasLeft = true;
  }
}

/** A reader over runs, and how often it left. */
function reading() {
  const runs = new RunSequence<Script>();
  const opened: Script[] = [];
  let lefts = 0;
  const open = (run: Script) => {
    opened.push(run);
    return run;
  };
  const left = () => {
    lefts += 1;
  };
  const stream = new RelayedStream({ runs, open, left, explained: (error) => error });
  return { runs, stream, opened, lefts: () => lefts };
}

describe('a stream over runs', () => {
  test('waits for the first, and opens it as soon as it begins', async () => {
    const { runs, stream, opened } = reading();
    const run = new Script(1, 2);
    const first = stream.next();
    runs.begin(run);
    expect([(await first).value, (await stream.next()).value, (await stream.next()).done]).toEqual([
      1,
      2,
      true,
    ]);
    expect(opened).toEqual([run]);
  });

  test('goes on in silence after a run that handed out nothing', async () => {
    const { runs, stream } = reading();
    runs.begin(new Script(closed));
    const first = stream.next();
    await Promise.resolve();
    runs.begin(new Script(closed));
    runs.begin(new Script(7));
    expect((await first).value).toBe(7);
  });

  test('says where it is cut off, once, and then goes on', async () => {
    const { runs, stream } = reading();
    runs.begin(new Script(1, closed));
    await stream.next();
    await expect(stream.next()).rejects.toBe(closed);
    const next = stream.next();
    runs.begin(new Script(closed));
    runs.begin(new Script(2));
    expect((await next).value).toBe(2);
  });

  test('opens no run for a reader that was told, and reads no more', async () => {
    const { runs, stream, opened } = reading();
    runs.begin(new Script(1, closed));
    await stream.next();
    await expect(stream.next()).rejects.toBe(closed);
    runs.begin(new Script(2));
    await Promise.resolve();
    expect(opened).toHaveLength(1);
    expect([(await stream.next()).value, opened.length]).toEqual([2, 2]);
  });

  test('ends as the run does that none follows', async () => {
    const { runs, stream } = reading();
    runs.begin(new Script(1, closed));
    await stream.next();
    await expect(stream.next()).rejects.toBe(closed);
    runs.end(new Error('no more'));
    await expect(stream.next()).rejects.toThrow('no more');
  });

  test('stays with its run after an error that is not the end of a server', async () => {
    const { runs, stream } = reading();
    runs.begin(new Script(1, cut, 2));
    await stream.next();
    await expect(stream.next()).rejects.toBe(cut);
    expect((await stream.next()).value).toBe(2);
  });

  test('that is left waits for no run, and leaves one that begins later', async () => {
    const { runs, stream, lefts } = reading();
    const next = stream.next();
    await stream.return();
    expect(await next).toEqual({ done: true, value: undefined });
    const run = new Script(1);
    runs.begin(run);
    await Promise.resolve();
    await Promise.resolve();
    expect([run.wasLeft, lefts()]).toEqual([true, 1]);
  });
});
