/** What a server that plays a tape says and when, how it ends, and what goes wrong with it on purpose. */
import { describe, expect, it } from 'vitest';
import { TapeMismatchError } from '../../../src/testing/fit/tape-mismatch-error.js';
import type { FaultPlan } from '../../../src/testing/replay/faults.js';
import { scriptOf } from '../../../src/testing/replay/replay-script.js';
import { ReplayServer, type ReplaySettings } from '../../../src/testing/replay/replay-server.js';
import type { Tape, TapeMessage } from '../../../src/testing/tapes/tape.js';
import { GAP_MS, type MadeEnd, madeTape, quiet, RawProgram, type Said } from './made-tapes.js';

const SETTINGS: ReplaySettings = {
  speed: 'instant',
  faults: [],
  seed: undefined,
  ignore: [],
  stallMs: Number.POSITIVE_INFINITY,
};

function play(tape: Tape, settings: Partial<ReplaySettings> = {}) {
  const server = new ReplayServer(scriptOf(tape), { ...SETTINGS, ...settings });
  return { server, program: new RawProgram(server) };
}

const ask = (id: number, name = 'a') => ({ id, method: 'ask', params: { name } });
const answer = (id: number, result: unknown = {}) => ({ id, result });
const news = (text: string) => ({ method: 'news', params: { text } });
const approval = (id: number) => ({ id, method: 'approve', params: {} });

/** Line 2 asks, 3 answers, 4 tells, 5 asks back, 6 answers that, 7 tells. */
const TALK: readonly Said[] = [
  { sent: ask(1) },
  { received: answer(1, 'yes') },
  { received: news('one') },
  { received: approval(0) },
  { sent: answer(0, 'accept') },
  { received: news('two') },
];
const TALK_RECEIVED: TapeMessage[] = TALK.flatMap((said) => ('received' in said ? [said.received] : []));
const talk = (end?: MadeEnd) => madeTape(TALK, end);

describe('a server that plays a tape', () => {
  it('L23 says what comes after a line of the client when that has come in, with the id of the program', async () => {
    const { server, program } = play(talk());
    await program.send();
    expect(program.messages).toEqual([]);
    await program.send(ask(41));
    expect(program.messages).toEqual([answer(41, 'yes'), news('one'), approval(0)]);
    await program.send(answer(0, 'accept'));
    expect(program.messages.at(-1)).toEqual(news('two'));
    await program.end();
    expect(await server.finished).toEqual({
      mismatch: undefined,
      unsent: [],
      unplayed: [],
      received: 2,
      sent: 4,
      fired: [],
      exitCode: 0,
      signal: null,
    });
    expect(program.log).toBe('');
  });

  it('says what is due together in one chunk, and cuts a long run', async () => {
    const { program } = play(talk());
    await program.send(ask(1));
    expect(program.chunks).toHaveLength(1);
    const long = play(madeTape(Array.from({ length: 200 }, () => ({ received: news('x'.repeat(1_000)) }))));
    await quiet();
    expect(long.program.messages).toHaveLength(200);
    expect(long.program.chunks.length).toBeGreaterThan(2);
    expect(Math.max(...long.program.chunks.map(({ length }) => length))).toBeLessThan(70_000);
  });

  it('says what nobody has to ask for as soon as it is read', async () => {
    const { program } = play(madeTape([{ received: news('first') }, { sent: ask(1) }]));
    await quiet();
    expect(program.messages).toEqual([news('first')]);
  });

  it('takes calls in another order than they were recorded, and answers each', async () => {
    const { program } = play(
      madeTape([
        { sent: ask(1, 'a') },
        { sent: ask(2, 'b') },
        { received: answer(1, 'to a') },
        { received: answer(2, 'to b') },
      ]),
    );
    await program.send(ask(8, 'b'));
    expect(program.messages).toEqual([]);
    await program.send(ask(9, 'a'));
    expect(program.messages).toEqual([answer(9, 'to a'), answer(8, 'to b')]);
  });

  it('takes a line earlier than it was recorded, and says nothing before its cause', async () => {
    const { program } = play(
      madeTape([
        { sent: ask(1, 'a') },
        { received: answer(1) },
        { sent: ask(2, 'b') },
        { received: answer(2) },
      ]),
    );
    await program.send(ask(2, 'b'));
    expect(program.messages).toEqual([]);
    await program.send(ask(1, 'a'));
    expect(program.messages).toEqual([answer(1), answer(2)]);
  });

  it('answers initialize itself when the tape begins after it', async () => {
    const { program } = play(talk());
    await program.send({ id: 5, method: 'initialize', params: { clientInfo: { name: 'me' } } });
    await program.send({ method: 'initialized' });
    expect(program.messages).toEqual([
      { id: 5, result: expect.objectContaining({ userAgent: 'me/0.169.0' }) },
    ]);
  });

  it('L3 hands out what somebody reads, and not a whole tape', async () => {
    const tape = madeTape(Array.from({ length: 10_000 }, () => ({ received: news('x'.repeat(1_000)) })));
    const server = new ReplayServer(scriptOf(tape), SETTINGS);
    server.stdout.once('readable', () => {});
    await quiet();
    server.kill('SIGKILL');
    expect((await server.finished).sent).toBeLessThan(200);
  });

  it('reads the rest of a line that came in pieces', async () => {
    const { server, program } = play(talk());
    const line = Buffer.from(`${JSON.stringify(ask(1))}\n`);
    server.stdin.write(line.subarray(0, 9));
    await program.send();
    expect(program.messages).toEqual([]);
    server.stdin.write(line.subarray(9));
    await quiet();
    expect(program.messages).toHaveLength(3);
  });
});

describe('the end of a tape', () => {
  it('L10 breaks a stdin that is written to still: a write that was never taken fails, and so does a later one', async () => {
    const { server } = play(talk(), { faults: [{ fault: 'stopReading', afterLine: 1 }] });
    const written = (bytes: number) =>
      new Promise((resolve) => server.stdin.write('x'.repeat(bytes), (error) => resolve(error?.name)));
    server.stdin.on('error', () => {});
    const stuck = written(70_000);
    await quiet();
    server.kill('SIGKILL');
    await quiet();
    expect(server.stdin.destroyed).toBe(true);
    expect([await stuck, await written(1)]).toEqual(['Error', 'Error']);
  });

  const wholeTalk = async (end: MadeEnd | undefined) => {
    const played = play(talk(end));
    await played.program.send(ask(1));
    await played.program.send(answer(0, 'accept'));
    return played;
  };

  it.each<[string, MadeEnd]>([
    ['its exit code', { by: 'server', exitCode: 3 }],
    ['its signal', { by: 'server', signal: 'SIGSEGV' }],
  ])('L9 is the end of a server that went by itself, with %s', async (_, end) => {
    const { server, program } = await wholeTalk(end);
    expect(await server.exit).toEqual({ exitCode: null, signal: null, ...end, by: undefined });
    expect(program.hasEnded).toBe(true);
    expect(program.messages).toEqual(TALK_RECEIVED);
  });

  it('comes as late as it was recorded when that is the speed', async () => {
    const { server, program } = play(talk({ by: 'server', exitCode: 3 }), { speed: 'recorded' });
    const askedAt = performance.now();
    await program.send(ask(1));
    while (program.messages.length < 3) await quiet(1);
    // The third came three gaps after the question; a timer may be early by part of a millisecond.
    expect(performance.now() - askedAt).toBeGreaterThan(3 * (GAP_MS - 1));
    await program.send(answer(0, 'accept'));
    expect((await server.exit).exitCode).toBe(3);
  });

  it.each<[string, MadeEnd | undefined]>([
    ['that the client ended', { by: 'client', exitCode: 0 }],
    ['whose recording was stopped', { by: 'recorder' }],
    ['that was cut off', undefined],
  ])('of a conversation %s is the end of stdin', async (_, end) => {
    const { server, program } = await wholeTalk(end);
    expect(program.hasEnded).toBe(false);
    await program.end();
    expect(await server.exit).toEqual({ exitCode: 0, signal: null });
    expect(program.hasEnded).toBe(true);
  });

  it('that comes early is reported with what was not sent and not played', async () => {
    const { server, program } = play(talk());
    await program.send(ask(1));
    await program.end();
    const { unsent, unplayed, exitCode, mismatch } = await server.finished;
    expect(unsent.map(({ line }) => line)).toEqual([6]);
    expect(unplayed.map(({ line }) => line)).toEqual([7]);
    expect([exitCode, mismatch]).toEqual([0, undefined]);
    expect(program.log).toBe(
      "replay of made.jsonl: the program did not send 1 of the tape's lines:\n  line 6: the answer to request 0\n",
    );
  });

  it('L13 is a kill, once', async () => {
    const { server, program } = play(talk());
    await program.send(ask(1));
    expect(server.kill('SIGTERM')).toBe(true);
    expect(server.kill('SIGKILL')).toBe(false);
    expect(await server.exit).toEqual({ exitCode: null, signal: 'SIGTERM' });
    await quiet();
    expect([program.hasEnded, program.log]).toEqual([true, '']);
  });

  it('is that of a stdin that was closed without an end', async () => {
    const { server } = play(talk());
    server.stdin.destroy();
    expect(await server.exit).toEqual({ exitCode: 0, signal: null });
  });

  it('lets the last words of a server be read by one who reads late', async () => {
    const server = new ReplayServer(scriptOf(talk({ by: 'server', exitCode: 3 })), SETTINGS);
    server.stdin.end(`${JSON.stringify(ask(1))}\n`);
    await server.exit;
    const program = new RawProgram(server);
    await quiet();
    expect([program.messages, program.hasEnded]).toEqual([TALK_RECEIVED.slice(0, 3), true]);
  });
});

describe('a program that does not fit the tape', () => {
  const mismatchOf = async (...messages: readonly TapeMessage[]) => {
    const { server, program } = play(talk());
    for (const message of messages) await program.send(message);
    const { mismatch, exitCode } = await server.finished;
    expect(mismatch).toBeInstanceOf(TapeMismatchError);
    expect(exitCode).toBe(1);
    await quiet();
    expect(program.error).toBe(mismatch);
    expect(program.log).toBe(`${mismatch?.message}\n`);
    return { mismatch, program };
  };

  it('L23 gets what was due before its stray line, although both came in together', async () => {
    const { server, program } = play(talk());
    await program.send(ask(1), answer(0, 'decline'));
    expect(await server.finished).toMatchObject({ mismatch: { line: 6 }, received: 1, sent: 3 });
    await quiet();
    expect(program.messages).toEqual(TALK_RECEIVED.slice(0, 3));
  });

  it('L23 is told with the line that comes closest: an approval that is declined', async () => {
    const { mismatch, program } = await mismatchOf(ask(1), answer(0, 'decline'));
    expect(mismatch).toMatchObject({
      path: 'made.jsonl',
      line: 6,
      recorded: answer(0, 'accept'),
      given: answer(0, 'decline'),
    });
    expect(mismatch?.differences).toMatchObject([{ path: 'result', recorded: 'accept', given: 'decline' }]);
    expect(program.messages).toEqual(TALK_RECEIVED.slice(0, 3));
  });

  it('is told with the first line that has not come in when none is like it', async () => {
    const { mismatch } = await mismatchOf({ id: 1, method: 'other', params: {} });
    expect(mismatch).toMatchObject({ line: 2, recorded: ask(1) });
  });

  it('answers what was not asked', async () => {
    const { mismatch } = await mismatchOf(answer(0, 'accept'));
    expect(mismatch).toMatchObject({ line: 2, given: answer(0, 'accept') });
  });

  it('answers twice', async () => {
    const { mismatch } = await mismatchOf(ask(1), answer(0, 'accept'), answer(0, 'accept'));
    expect(mismatch).toMatchObject({ line: undefined, recorded: undefined });
  });

  it('says more than the tape has', async () => {
    const { mismatch } = await mismatchOf(ask(1), answer(0, 'accept'), ask(2));
    expect(mismatch).toMatchObject({ line: undefined, given: ask(2) });
  });

  it('sends what is no message', async () => {
    const { server } = play(talk());
    server.stdin.write('{"id":\n');
    expect((await server.finished).mismatch?.given).toEqual({ text: '{"id":' });
  });

  it('may differ where that is said', async () => {
    const { server, program } = play(talk(), { ignore: ['result'] });
    await program.send(ask(1));
    await program.send(answer(0, 'decline'));
    await program.end();
    expect(await server.finished).toMatchObject({ mismatch: undefined, unsent: [] });
  });

  it('L10 says nothing where the tape waits, and is told the line', async () => {
    const { server, program } = play(talk(), { stallMs: 1 });
    await program.send(ask(1));
    const { mismatch } = await server.finished;
    expect(mismatch).toMatchObject({ line: 6, given: undefined });
    expect(mismatch?.message).toContain('the answer to request 0 was not sent within 1 ms');
  });

  it('breaks stdout only when what came before was read', async () => {
    const server = new ReplayServer(scriptOf(talk()), SETTINGS);
    server.stdout.once('readable', () => {});
    server.stdin.on('error', () => {});
    server.stdin.write(`${JSON.stringify(ask(1))}\n`);
    await quiet();
    server.stdin.write(`${JSON.stringify(ask(2))}\n`);
    const { mismatch } = await server.finished;
    await quiet();
    const program = new RawProgram(server);
    await quiet();
    expect(program.messages).toEqual(TALK_RECEIVED.slice(0, 3));
    expect(program.error).toBe(mismatch);
  });
});

describe('a fault', () => {
  const withFaults = async (...faults: FaultPlan) => {
    const played = play(talk({ by: 'server', exitCode: 3 }), { faults });
    await played.program.send(ask(1));
    await played.program.send(answer(0, 'accept'));
    return played;
  };
  const reportOf = async ({ server }: { readonly server: ReplayServer }) => {
    const { fired, exitCode, signal, sent, received } = await server.finished;
    return { fired, exitCode, signal, sent, received };
  };

  it.each([
    [1, 0, 0],
    [2, 0, 1],
    [3, 1, 1],
    [4, 2, 1],
    [5, 3, 1],
    [6, 3, 2],
    [7, 4, 2],
  ])('L9 crash after line %i: %i lines of the server can be read', async (afterLine, sent, received) => {
    const fault = { fault: 'crash', afterLine } as const;
    const played = await withFaults(fault);
    expect(await reportOf(played)).toEqual({
      fired: [fault],
      exitCode: null,
      signal: 'SIGKILL',
      sent,
      received,
    });
    expect(played.program.messages).toEqual(TALK_RECEIVED.slice(0, sent));
    expect([played.program.hasEnded, played.program.log]).toEqual([true, '']);
  });

  it.each<[object, object]>([
    [{ exitCode: 101 }, { exitCode: 101, signal: null }],
    [{ signal: 'SIGSEGV' }, { exitCode: null, signal: 'SIGSEGV' }],
    [
      { exitCode: null, signal: null },
      { exitCode: null, signal: 'SIGKILL' },
    ],
  ])('crash: %j is how it ends', async (given, exit) => {
    const { server } = await withFaults({ fault: 'crash', afterLine: 3, ...given });
    expect(await server.exit).toEqual(exit);
  });

  it('crash lets all be read that was due before the line came in, also by one who has not read yet', async () => {
    const tape = madeTape([
      { received: news('one') },
      { received: news('two') },
      { sent: ask(1) },
      { received: answer(1) },
    ]);
    const server = new ReplayServer(scriptOf(tape), {
      ...SETTINGS,
      faults: [{ fault: 'crash', afterLine: 4 }],
    });
    server.stdin.write(`${JSON.stringify(ask(1))}\n`);
    expect(await server.finished).toMatchObject({ sent: 2, signal: 'SIGKILL' });
    const program = new RawProgram(server);
    await quiet();
    expect(program.messages).toEqual([news('one'), news('two')]);
  });

  it('endStdout ends the output, and the server reads on until its stdin ends', async () => {
    const played = play(talk(), { faults: [{ fault: 'endStdout', afterLine: 4 }] });
    await played.program.send(ask(1));
    expect(played.program.hasEnded).toBe(true);
    expect(played.program.messages).toEqual(TALK_RECEIVED.slice(0, 2));
    await played.program.end();
    expect(await reportOf(played)).toMatchObject({ exitCode: 0, sent: 2 });
  });

  it('L19 split: all comes in pieces of so many bytes', async () => {
    const { program } = await withFaults({ fault: 'split', bytes: 5 }, { fault: 'split', bytes: 7 });
    expect(program.messages).toEqual(TALK_RECEIVED);
    expect(Math.max(...program.chunks.map(({ length }) => length))).toBe(5);
  });

  it('delay: a line and all after it come later, and what goes before it does not', async () => {
    const { server, program } = play(talk(), { faults: [{ fault: 'delay', line: 4, ms: 5 }] });
    await program.send(ask(1));
    while (program.messages.length < 3) await quiet();
    expect(program.chunks.map((chunk) => chunk.toString().split('\n').length - 1)).toEqual([1, 2]);
    expect(program.messages).toEqual(TALK_RECEIVED.slice(0, 3));
    await program.end();
    expect((await server.finished).fired).toHaveLength(1);
  });

  it('delay: what the server had not said when it went is never said', async () => {
    const { server, program } = play(talk(), { faults: [{ fault: 'delay', line: 4, ms: 600_000 }] });
    await program.send(ask(1));
    await program.end();
    expect(await server.finished).toMatchObject({ sent: 1, exitCode: 0 });
    expect(program.messages).toEqual(TALK_RECEIVED.slice(0, 1));
  });

  it('duplicate: a line comes twice, and one who is asked twice may answer twice', async () => {
    const { server, program } = play(talk(), { faults: [{ fault: 'duplicate', line: 5 }] });
    await program.send(ask(1));
    expect(program.messages.slice(2)).toEqual([approval(0), approval(0)]);
    await program.send(answer(0, 'accept'), answer(0, 'accept'));
    await program.end();
    expect(await server.finished).toMatchObject({ mismatch: undefined, sent: 4, unsent: [] });
  });

  it('dropAnswer: the answer never comes, and what follows it does', async () => {
    const { server, program } = await withFaults({ fault: 'dropAnswer', line: 3 });
    expect(program.messages).toEqual(TALK_RECEIVED.slice(1));
    const { unplayed, sent, exitCode } = await server.finished;
    expect(unplayed.map(({ line }) => line)).toEqual([3]);
    expect([sent, exitCode]).toEqual([3, 3]);
  });

  it('overload: a request is turned away so many times, and then taken', async () => {
    const { server, program } = play(talk(), { faults: [{ fault: 'overload', line: 2, times: 2 }] });
    for (const id of [1, 2, 3]) await program.send(ask(id));
    const refusal = (id: number) => ({ id, error: { code: -32_001, message: expect.any(String) } });
    expect(program.messages).toEqual([refusal(1), refusal(2), answer(3, 'yes'), news('one'), approval(0)]);
    await program.end();
    expect(await server.finished).toMatchObject({ received: 1, sent: 3 });
  });

  it('overload: a request that is turned away may come again with other ids, which teach anew', async () => {
    const run = (id: number, processId: string) => ({
      id,
      method: 'command/exec',
      params: { command: ['ls'], processId },
    });
    const output = (processId: string) => ({ method: 'command/exec/outputDelta', params: { processId } });
    const tape = madeTape([{ sent: run(1, 'recorded') }, { received: output('recorded') }]);
    const { server, program } = play(tape, { faults: [{ fault: 'overload', line: 2 }] });
    await program.send(run(1, 'first'));
    await program.send(run(2, 'second'));
    await program.end();
    expect(program.messages.slice(1)).toEqual([output('second')]);
    expect(await server.finished).toMatchObject({ mismatch: undefined, received: 1, sent: 1 });
  });

  it('overload: is answered between lines, also when a line is on its way in pieces', async () => {
    const tape = madeTape([...TALK.slice(0, 3), { sent: ask(2, 'b') }, { received: answer(2, 'later') }]);
    for (let seed = 0; seed < 60; seed += 1) {
      const { server, program } = play(tape, { seed, faults: [{ fault: 'overload', line: 5 }] });
      server.stdout.once('data', () => server.stdin.write(`${JSON.stringify(ask(7, 'b'))}\n`));
      await program.send(ask(1));
      await quiet();
      const refusal = { id: 7, error: { code: -32_001, message: expect.any(String) } };
      expect(program.messages).toHaveLength(3);
      expect(program.messages).toEqual(expect.arrayContaining([answer(1, 'yes'), news('one'), refusal]));
      await program.end();
    }
  });

  it('floodStderr: the log is so many bytes longer, and nothing of it is said elsewhere', async () => {
    const { program } = await withFaults({ fault: 'floodStderr', afterLine: 3, bytes: 1_000_001 });
    expect(program.log).toHaveLength(1_000_001);
    expect(program.messages).toEqual(TALK_RECEIVED);
  });

  it('floodStderr: the log comes while the server lives', async () => {
    const { server, program } = play(talk(), {
      faults: [{ fault: 'floodStderr', afterLine: 3, bytes: 100 }],
    });
    await program.send(ask(1));
    expect(program.log).toHaveLength(100);
    expect(server.kill('SIGKILL')).toBe(true);
  });

  it('stopReading: the pipe fills, not even its end is noticed, and a kill ends it', async () => {
    const { server, program } = play(talk(), {
      faults: [{ fault: 'stopReading', afterLine: 2 }],
      stallMs: 1,
    });
    await program.send(ask(1), answer(0, 'accept'));
    expect(program.messages).toHaveLength(3);
    expect(server.stdin.writableLength).toBe(0);
    await program.send({ method: 'filler', params: { text: 'x'.repeat(70_000) } });
    expect(server.stdin.writableLength).toBeGreaterThan(70_000);
    await program.end();
    server.kill('SIGTERM');
    expect(await server.finished).toMatchObject({ received: 1, signal: 'SIGTERM', mismatch: undefined });
  });

  it('stopReading from the start reads nothing, also not the end', async () => {
    const { server, program } = play(talk(), { faults: [{ fault: 'stopReading', afterLine: 1 }] });
    await program.send(ask(1));
    await program.end();
    expect([program.messages, program.hasEnded]).toEqual([[], false]);
    server.kill('SIGKILL');
    expect(await server.finished).toMatchObject({ received: 0, exitCode: null });
  });

  it('happens with others', async () => {
    const { server, program } = await withFaults(
      { fault: 'crash', afterLine: 5 },
      { fault: 'duplicate', line: 4 },
      { fault: 'floodStderr', afterLine: 5, bytes: 10 },
      { fault: 'split', bytes: 3 },
      { fault: 'duplicate', line: 7 },
    );
    expect((await server.finished).fired.map(({ fault }) => fault)).toEqual([
      'crash',
      'duplicate',
      'floodStderr',
      'split',
    ]);
    expect(program.messages.map(({ method }) => method)).toEqual([undefined, 'news', 'news', 'approve']);
    expect(program.log).toHaveLength(10);
  });
});
