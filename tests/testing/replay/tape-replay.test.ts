/** A client on a replay: a whole turn, and what its laws say when things go wrong. */
import { AsyncClient, type AttachOptions, ServerClosedError } from 'codex-async-client';
import {
  everyCrash,
  everySplit,
  type FaultPlan,
  replayTape,
  TapeMismatchError,
} from 'codex-async-client/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../../src/support/errors.js';
import type { ReplayOptions } from '../../../src/testing/replay/tape-replay.js';
import type { Tape } from '../../../src/testing/tapes/tape.js';
import { madeTape, quiet, TURN, TURN_LINES, TURN_PARAMS, TURN_TEXT } from './made-tapes.js';

const APPROVING = {
  standingAnswers: { 'item/commandExecution/requestApproval': { decision: 'accept' } },
} as const;

async function ready(tape: Tape, options: ReplayOptions = {}, attachOptions: AttachOptions = {}) {
  const replay = replayTape(tape, options);
  const client = AsyncClient.attach(replay, attachOptions);
  await client.initialize();
  return { replay, client };
}

/** A program that runs the recorded turn; what it saw, as text. */
async function bot(
  options: ReplayOptions,
  { idleTimeoutMs, ...attachOptions }: AttachOptions & { readonly idleTimeoutMs?: number } = {},
): Promise<string[]> {
  const replay = replayTape(TURN, options);
  const client = AsyncClient.attach(replay, { ...APPROVING, ...attachOptions });
  const saw: string[] = [];
  try {
    await client.initialize();
    const run = client.turnRun(TURN_PARAMS, { idleTimeoutMs });
    for await (const msg of run) saw.push(msg.method);
    saw.push((await run.result()).finalMessage ?? '');
  } catch (error) {
    saw.push(String(error));
  }
  await client.shutdown();
  saw.push(JSON.stringify(await replay.finished));
  return saw;
}

describe('a replay', () => {
  it('L23 is a server to a client: a turn with an approval', async () => {
    const saw = await bot({});
    expect(saw.slice(0, -1)).toEqual([
      'turn/started',
      'item/agentMessage/delta',
      'item/completed',
      'turn/completed',
      TURN_TEXT,
    ]);
    expect(saw.at(-1)).toContain('"exitCode":0');
  });

  it('L23 of a hundred turns gives a hundred results', async () => {
    for (let turn = 0; turn < 100; turn += 1) expect(await bot({})).toContain(TURN_TEXT);
  });

  it('L19 is the same to the program in pieces of any size', async () => {
    const whole = (await bot({})).slice(0, -1);
    for (const faults of everySplit(TURN)) expect((await bot({ faults })).slice(0, -1)).toEqual(whole);
  });

  it('L23 is the same twice with the same seed and faults, whatever they are', async () => {
    for (const faults of everyCrash(TURN))
      for (const seed of [0, 1, 2, 3, 4]) {
        const options = { faults: [...faults, { fault: 'split', bytes: 20 } as const], seed };
        expect(await bot(options)).toEqual(await bot(options));
      }
  });

  it('is the cause of the error when the program does something else', async () => {
    const { replay, client } = await ready(TURN);
    const run = client.turnRun({ ...TURN_PARAMS, input: 'say hello' });
    const error = await run.result().catch((reason: unknown) => reason);
    const { mismatch } = await replay.finished;
    expect(error).toBeInstanceOf(ServerClosedError);
    expect(error).toMatchObject({ exitCode: 1, cause: mismatch });
    expect(mismatch).toBeInstanceOf(TapeMismatchError);
    expect(mismatch).toMatchObject({ line: 2, path: 'made.jsonl' });
    expect(String(error)).toContain('say h');
    expect(await client.closed).toMatchObject({ exitCode: 1, error });
  });

  it('has no loop that hangs over a program that does not answer', async () => {
    const { client } = await ready(TURN, { stallMs: 20 });
    const run = client.turnRun(TURN_PARAMS);
    const read = async () => {
      for await (const _ of run);
    };
    // The error of a run has that of the client for its cause.
    await expect(read()).rejects.toMatchObject({ cause: { cause: { line: 7 } } });
  });

  it('L13 stays until the client shuts down, and then exits in order', async () => {
    const { replay, client } = await ready(TURN);
    await client.shutdown();
    expect(await client.closed).toMatchObject({ exitCode: 0, signal: null, expected: true });
    expect(await replay.finished).toMatchObject({ exitCode: 0, unsent: [{ line: 2 }, { line: 7 }] });
  });

  it('L13 that reads nothing more is ended by a signal', async () => {
    const { client } = await ready(
      TURN,
      { faults: [{ fault: 'stopReading', afterLine: 2 }] },
      { shutdownGraceMs: 1 },
    );
    void client
      .turnRun(TURN_PARAMS)
      .result()
      .catch(() => {});
    await quiet();
    await client.shutdown();
    expect(await client.closed).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  it('L3 holds a server back whose client nobody reads', async () => {
    const news = { received: { method: 'news', params: { text: 'x'.repeat(100) } } };
    const tape = madeTape(Array.from({ length: 50_000 }, () => news));
    const { replay, client } = await ready(tape);
    await quiet(200);
    expect(client.stats().paused.now).toBe(true);
    replay.kill('SIGKILL');
    expect((await replay.finished).sent).toBeLessThan(5_000);
    await client.shutdown();
  });

  it.each<[string, Parameters<typeof madeTape>[1], object]>([
    ['a code', { by: 'server', exitCode: 101 }, { exitCode: 101, signal: null }],
    ['a signal', { by: 'server', signal: 'SIGABRT' }, { exitCode: null, signal: 'SIGABRT' }],
  ])('L9 tells how the server ended that was recorded, with %s', async (_, end, exit) => {
    const { client } = await ready(madeTape(TURN_LINES.slice(0, 4), end));
    const run = client.turnRun(TURN_PARAMS);
    const saw: string[] = [];
    const read = async () => {
      for await (const msg of run) saw.push(msg.method);
    };
    await expect(read()).rejects.toMatchObject({ name: 'ServerClosedError', ...exit });
    expect(saw).toEqual(['turn/started', 'item/agentMessage/delta']);
  });

  it('turns a request away as an overloaded server does, and the client asks again', async () => {
    const saw = await bot({ faults: [{ fault: 'overload', line: 2 }] });
    expect(saw).toContain(TURN_TEXT);
  });
});

describe('any faults', () => {
  it.each([...everyCrash(TURN)].map((faults) => [faults[0]?.fault, faults] as const))(
    'L9 L10 %s at any line: what was said is handed out, and everything settles: %j',
    async (_, faults) => {
      const saw = await bot({ faults });
      expect(saw.at(-2)).toMatch(/SIGKILL|héllo/);
    },
  );

  const anyFault = fc.oneof(
    fc.record({ fault: fc.constant('crash' as const), afterLine: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ fault: fc.constant('endStdout' as const), afterLine: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ fault: fc.constant('split' as const), bytes: fc.integer({ min: 1, max: 50 }) }),
    fc.record({
      fault: fc.constant('delay' as const),
      line: fc.constantFrom(3, 5, 6),
      ms: fc.nat({ max: 3 }),
    }),
    fc.record({ fault: fc.constant('duplicate' as const), line: fc.constantFrom(3, 4, 5, 6, 8, 9) }),
    fc.record({ fault: fc.constant('dropAnswer' as const), line: fc.constant(3) }),
    fc.record({
      fault: fc.constant('floodStderr' as const),
      afterLine: fc.integer({ min: 1, max: 9 }),
      bytes: fc.integer({ min: 1, max: 100_000 }),
    }),
    fc.record({ fault: fc.constant('stopReading' as const), afterLine: fc.integer({ min: 1, max: 9 }) }),
  );

  it('L23 are the same twice with the same seed', async () => {
    const withoutTime = anyFault.filter(
      ({ fault }) => !['delay', 'dropAnswer', 'stopReading'].includes(fault),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(withoutTime, { maxLength: 4 }), fc.nat(), async (faults: FaultPlan, seed) => {
        const limits = { shutdownGraceMs: 5 };
        expect(await bot({ faults, seed }, limits)).toEqual(await bot({ faults, seed }, limits));
      }),
      { numRuns: 40 },
    );
  });

  it('L10 leave nothing pending: the program, the client and the replay come to an end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFault, { maxLength: 4 }),
        fc.option(fc.nat(), { nil: undefined }),
        async (faults: FaultPlan, seed) => {
          const limits = { shutdownGraceMs: 5, requestTimeoutMs: 50, idleTimeoutMs: 50 };
          const saw = await bot({ faults, seed, stallMs: 20 }, limits);
          expect(saw.at(-1)).toContain('"exitCode"');
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the options of a replay', () => {
  it.each<[object, string]>([
    [{ speed: 'fast' }, "options.speed: expected 'instant' or 'recorded', got \"fast\""],
    [{ seed: -1 }, 'options.seed: expected a whole number'],
    [{ seed: 0.5 }, 'options.seed: expected a whole number'],
    [{ stallMs: -1 }, 'options.stallMs: expected a whole number of milliseconds'],
    [{ ignore: 'params' }, 'options.ignore: expected an array'],
    [{ faults: [{ fault: 'crash', afterLine: 99 }] }, 'options.faults[0].afterLine: expected'],
    [{ fault: [] }, 'options.fault: unknown name; did you mean "faults"?'],
  ])('L20 are refused: %j', (options, message) => {
    expect(() => replayTape(TURN, options)).toThrow(InvalidArgumentError);
    expect(() => replayTape(TURN, options)).toThrow(message);
  });

  it('L20 are refused without a tape', () => {
    const [none, number, part] = [undefined, 5, { path: 'a', lines: [] }].map(
      (tape) => () => Reflect.apply(replayTape, undefined, [tape]),
    );
    expect(none).toThrow('tape: expected the path of a tape, or a tape that was read, got undefined');
    expect(number).toThrow(InvalidArgumentError);
    expect(part).toThrow('got an object with keys [path, lines]');
    expect(() => replayTape('/no/such/tape.jsonl')).toThrow('no tape can be read from /no/such/tape.jsonl');
  });
});
