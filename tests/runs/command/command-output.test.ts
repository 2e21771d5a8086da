/** Where the output of a command goes: every chunk to one reader, and the laggard pays. */
import { describe, expect, test } from 'vitest';
import { microtasks, outcomeOf, type PipedServer, turn } from '../../helpers/piped-server.js';
import { delta, exited, PARAMS, read, sent, started } from './started-command.js';

/** A command that ended well, all of whose output others have read. */
const EXITED = { exitCode: 0, stdout: '', stderr: '' };

describe('who gets the output', () => {
  test('L1 a chunk reaches one reader: the run, then each stream that is read by itself, and no filter', async () => {
    const { server, command, exec } = await started();
    const filtered = server.client.events({ methods: ['command/exec/outputDelta'] });
    server.send(
      delta('stdout', '1'),
      delta('stderr', '2'),
      delta('stdout', '3'),
      delta('stdout', 'x', 'other'),
    );
    const first = await command.next();
    expect(first.value).toMatchObject({ stream: 'stdout', chunk: Buffer.from('1') });
    expect((await command.stdout.next()).value).toEqual(Buffer.from('3'));
    expect((await command.next()).value).toMatchObject({ stream: 'stderr', chunk: Buffer.from('2') });
    expect((await filtered.next()).value?.params.processId).toBe('other');
    server.send(delta('stderr', '4'), delta('stdout', '5'), exited(exec));
    expect((await command.next()).value?.chunk).toEqual(Buffer.from('4'));
    expect(await command.next()).toEqual({ done: true, value: undefined });
    expect(await read(command.stdout)).toBe('5');
  });

  test('a chunk that is on its way to result() goes to the reader who comes at that moment', async () => {
    for (let moment = 0; moment < 30; moment += 1) {
      const { server, command, exec } = await started();
      const result = command.result();
      await server.quiet();
      server.send(delta('stdout', '1'), delta('stderr', 'e'));
      await microtasks(moment);
      const looped = read(command.stdout);
      server.send(delta('stdout', '2'), exited(exec));
      expect([moment, await looped, await result]).toEqual([moment, '12', { ...EXITED, stderr: 'e' }]);
    }
  });

  test('a loop that comes at that moment does not wait for the end of the command', async () => {
    for (let moment = 0; moment < 30; moment += 1) {
      const { server, command, exec } = await started();
      const result = command.result();
      await server.quiet();
      server.send(delta('stdout', '1'));
      await microtasks(moment);
      expect((await command.next()).value?.chunk.toString()).toBe('1');
      server.send(exited(exec));
      expect(await result).toEqual(EXITED);
    }
  });

  test('result() beside a loop that began later loses no chunk to it', async () => {
    const { server, command, exec } = await started();
    const result = command.result();
    server.send(delta('stdout', '1'), delta('stderr', 'e'));
    await server.quiet();
    const looped = read(command.stdout);
    server.send(delta('stdout', '2'), delta('stderr', 'f'), exited(exec, 4));
    expect(await looped).toBe('12');
    expect(await result).toEqual({ exitCode: 4, stdout: '', stderr: 'ef' });
  });

  test('a loop over the run takes over from result()', async () => {
    const { server, command, exec } = await started();
    const result = command.result();
    server.send(delta('stdout', '1'));
    await server.quiet();
    const looped = (async () => {
      let text = '';
      for await (const { chunk } of command) text += chunk;
      return text;
    })();
    await turn();
    server.send(delta('stderr', '2'), exited(exec));
    expect(await looped).toBe('12');
    expect(await result).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('result() gives the same text twice, and the chunks can be read after it', async () => {
    const { server, command, exec } = await started();
    server.send(delta('stdout', '1'), delta('stderr', '2'), exited(exec));
    const first = await command.result();
    expect(first).toEqual({ exitCode: 0, stdout: '1', stderr: '2' });
    expect(await command.result()).toEqual(first);
    expect(await command.stderr.text()).toBe('2');
  });

  test('what a command that is over left unread slows nobody down, and can still be read', async () => {
    const { server, command, exec } = await started();
    server.send(delta('stdout', '1'), delta('stderr', '2'));
    await server.quiet();
    expect(server.client.stats().held.messages).toBe(2);
    expect((await command.stdout.next()).value).toEqual(Buffer.from('1'));
    server.send(exited(exec));
    await command.stdout.next();
    expect(server.client.stats().held.messages).toBe(0);
    expect(await command.stderr.text()).toBe('2');
  });
});

describe('a command that writes faster than it is read', () => {
  const FLOOD = 'x'.repeat(1_000);

  /** Chunks until the client stops reading. */
  async function flood(server: PipedServer, stream: string, count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) server.send(delta(stream, FLOOD));
    await server.quiet();
  }

  test('L3 an unread command stops the reading at the high-water mark', async () => {
    const { server, command } = await started(PARAMS, { highWaterMark: 4 });
    await flood(server, 'stdout', 100);
    expect(server.client.stats()).toMatchObject({ paused: { now: true }, held: { messages: 4 } });
    expect((await command.next()).value?.chunk.length).toBe(1_000);
  });

  test('L5 a stream of unlimited maxHeldBytes that nobody reads fails the reader of the other at maxBytes, and nothing is lost', async () => {
    const buffer = { highWaterMark: 4, maxBytes: 20_000 };
    const { server, command, exec } = await started(PARAMS, buffer, {
      maxHeldBytes: Number.POSITIVE_INFINITY,
    });
    const stdout = command.stdout.lines();
    server.send(delta('stdout', 'half'));
    const reading = stdout.next();
    reading.catch(() => {});
    await flood(server, 'stderr', 100);
    await expect(reading).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
    const stderr = command.stderr.text();
    await flood(server, 'stderr', 10);
    server.send(delta('stdout', ' line\n'), exited(exec, 7));
    expect((await stdout.next()).value).toBe('half line');
    expect(await stderr).toHaveLength(110_000);
    expect((await command.result()).exitCode).toBe(7);
  });

  test('discard() lets the command flood a stream that is of no use', async () => {
    const { server, command, exec } = await started(PARAMS, { highWaterMark: 4, maxBytes: 20_000 });
    await flood(server, 'stderr', 3);
    command.stderr.discard();
    const reading = command.stdout.text();
    await flood(server, 'stderr', 100);
    server.send(delta('stdout', 'out'), exited(exec));
    expect(await reading).toBe('out');
    expect(await command.stderr.next()).toEqual({ done: true, value: undefined });
    expect(sent(server, 'command/exec/terminate')).toEqual([]);
    expect((await command.result()).exitCode).toBe(0);
  });

  test('L5 result() fails when other streams fill maxBytes, and succeeds when they were read', async () => {
    const { server, command, exec } = await started(PARAMS, { highWaterMark: 4, maxBytes: 20_000 });
    const main = server.client.events();
    const result = command.result();
    result.catch(() => {});
    server.send(delta('stdout', 'early'));
    for (let n = 0; n < 100; n += 1) server.send({ method: 'some/event', params: { text: FLOOD } });
    await server.quiet();
    await expect(result).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
    const again = outcomeOf(command.result());
    for (let n = 0; n < 100; n += 1) await main.next();
    server.send(delta('stdout', ' late'), exited(exec, 3));
    await again;
    expect(await command.result()).toEqual({ exitCode: 3, stdout: 'early late', stderr: '' });
  });

  test('L4 a result that waits is a demand: it collects output past the high-water mark', async () => {
    const { server, command, exec } = await started(PARAMS, { highWaterMark: 4, maxBytes: 20_000 });
    const result = command.result();
    for (let n = 0; n < 20; n += 1) await flood(server, 'stdout', 5);
    server.send(exited(exec));
    expect((await result).stdout).toHaveLength(100_000);
  });
});
