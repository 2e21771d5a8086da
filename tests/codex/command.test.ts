/** Commands on the real server, outside its sandbox, which not every machine can set up. */
import { setImmediate as turn } from 'node:timers/promises';
import { AsyncClient, RequestTimeoutError, RpcError } from 'codex-async-client';
import { LocalModelProvider } from 'codex-async-client/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandRunOptions, CommandRunParams } from '../../src/runs/command/command-params.js';
import type { CommandRun } from '../../src/runs/command/command-run.js';

const UNSANDBOXED = { sandboxPolicy: { type: 'dangerFullAccess' } } as const;

let provider: LocalModelProvider;
let client: AsyncClient;

beforeAll(async () => {
  provider = await LocalModelProvider.start();
  client = await AsyncClient.start(provider.options);
});

afterAll(async () => {
  await client?.shutdown();
  await provider?.close();
});

function start(
  command: string[],
  more: Partial<CommandRunParams> = {},
  options?: CommandRunOptions,
): CommandRun {
  return client.commandRun({ ...UNSANDBOXED, ...more, command }, options);
}

function shell(script: string, more?: Partial<CommandRunParams>, options?: CommandRunOptions): CommandRun {
  return start(['sh', '-c', script], more, options);
}

function textOf(chunk: Uint8Array | undefined): string {
  return new TextDecoder().decode(chunk);
}

/** Settles when no process has this id any more. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await turn();
  }
}

describe('commandRun on the real server', () => {
  test('gives stdout, stderr and the exit code', async () => {
    expect(await shell('echo out; echo err >&2; exit 3').result()).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('gives each stream by itself, as bytes, as text and as lines', async () => {
    const command = shell('printf "a\\nb\\r\\n\\nc"; printf "\\303\\244" >&2');
    const lines: string[] = [];
    for await (const line of command.stdout.lines()) lines.push(line);
    expect(lines).toEqual(['a', 'b', '', 'c']);
    expect(await command.stderr.text()).toBe('ä');
    expect(await command.result()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('yields both streams in order when the run itself is iterated', async () => {
    const command = shell('echo 1; read x; echo 2 >&2; read x; echo 3', {});
    const seen: string[] = [];
    for await (const { stream, chunk } of command) {
      seen.push(`${stream} ${textOf(chunk)}`);
      if (seen.length < 3) await command.write('go\n');
    }
    expect(seen).toEqual(['stdout 1\n', 'stderr 2\n', 'stdout 3\n']);
  });

  test('writes input in order and closes it', async () => {
    const command = start(['cat']);
    for (let n = 0; n < 100; n += 1) void command.write(`${n}\n`);
    await command.write(new Uint8Array([0xc3, 0xa4]));
    await command.closeStdin();
    await command.closeStdin();
    const expected = `${Array.from({ length: 100 }, (_, n) => `${n}\n`).join('')}ä`;
    expect(await command.result()).toEqual({ exitCode: 0, stdout: expected, stderr: '' });
    await expect(command.write('late')).rejects.toThrow(RpcError);
  });

  test('writes the input it is given, and closes stdin after it', async () => {
    const input = 'x'.repeat(1_000_000);
    expect((await start(['wc', '-c'], { input }).result()).stdout.trim()).toBe('1000000');
    expect((await start(['cat'], { input: '' }).result()).stdout).toBe('');
  });

  test('has a terminal that can be resized', async () => {
    const command = shell('stty size; read x; stty size', { tty: true, size: { rows: 10, cols: 20 } });
    const lines = command.stdout.lines();
    expect((await lines.next()).value).toBe('10 20');
    await command.resize({ rows: 11, cols: 22 });
    await command.write('go\n');
    const rest: string[] = [];
    for await (const line of lines) rest.push(line);
    expect(rest).toEqual(['go', '11 22']);
    expect((await command.result()).exitCode).toBe(0);
    await expect(command.resize({ rows: 1, cols: 1 })).rejects.toThrow(RpcError);
  });

  test('terminates a command, which keeps what it wrote', async () => {
    const command = shell('echo up; exec sleep 1000');
    expect((await command.stdout.lines().next()).value).toBe('up');
    await command.terminate();
    expect((await command.result()).exitCode).toBe(137);
    await command.terminate();
  });

  test('terminates a command at once, before it can have said anything', async () => {
    for (let n = 0; n < 20; n += 1) {
      const command = start(['sleep', '1000']);
      await command.terminate();
      expect((await command.result()).exitCode).toBe(137);
    }
  });

  test.each([
    [
      'the loop over the run',
      async (command: CommandRun) => {
        for await (const _ of command) break;
      },
    ],
    [
      'the loop over one stream',
      async (command: CommandRun) => {
        for await (const _ of command.stdout) break;
      },
    ],
    [
      'the loop over lines',
      async (command: CommandRun) => {
        for await (const _ of command.stdout.lines()) break;
      },
    ],
    [
      'its scope',
      async (command: CommandRun) => {
        await using _ = command;
      },
    ],
  ])('L11 leaving %s leaves no command running', async (_name, leave) => {
    const command = shell('echo $$; exec sleep 1000');
    const pid = Number(textOf((await command.next()).value?.chunk));
    const other = shell(`echo $$; exec sleep 1000`);
    await leave(other);
    expect((await other.result()).exitCode).toBe(137);
    await command.return();
    await gone(pid);
    expect((await command.result()).exitCode).toBe(137);
  });

  test('an abort terminates the command and fails its streams and its result with the reason', async () => {
    const controller = new AbortController();
    const command = shell('echo $$; exec sleep 1000', {}, { signal: controller.signal });
    const lines = command.stdout.lines();
    const pid = Number((await lines.next()).value);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(command.result()).rejects.toBe(reason);
    await expect(lines.next()).rejects.toBe(reason);
    await expect(command.stderr.text()).rejects.toBe(reason);
    await gone(pid);
  });

  test('timeoutMs terminates the command', async () => {
    const command = shell('echo $$; exec sleep 1000', {}, { timeoutMs: 50 });
    await expect(command.result()).rejects.toThrow(RequestTimeoutError);
    // What it had written, if it came so far, stays readable; then the stream fails too.
    await expect(command.stdout.text()).rejects.toThrow(RequestTimeoutError);
  });

  test('the param timeoutMs is the server’s: exit code 124', async () => {
    expect((await start(['sleep', '1000'], { timeoutMs: 50 }).result()).exitCode).toBe(124);
  });

  test('loses no output to a cap unless one is asked for', async () => {
    const { stdout } = await start(['seq', '1', '400000']).result();
    expect(stdout.length).toBe(2_688_895);
    const capped = start(['seq', '1', '400000'], { outputBytesCap: 10 });
    const chunks = [];
    for await (const chunk of capped) chunks.push(chunk);
    expect(chunks.map(({ chunk, capReached }) => [textOf(chunk), capReached])).toEqual([
      ['1\n2\n3\n4\n5\n', true],
    ]);
  });

  test('L3 a reader that stalls gets 20,000 lines in order afterwards', async () => {
    const small = await AsyncClient.start({ ...provider.options, buffer: { highWaterMark: 2 } });
    try {
      const script = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line $i; done';
      const command = small.commandRun({ ...UNSANDBOXED, command: ['sh', '-c', script] });
      const lines = command.stdout.lines();
      const read = [(await lines.next()).value];
      // The server packs up to some 64 KiB into one message, so the 20,000 lines are at least four.
      while (!small.stats().paused.now) await turn();
      const { messages } = small.stats().held;
      for (let turns = 0; turns < 100; turns += 1) await turn();
      expect(small.stats().held.messages).toBe(messages);
      for await (const line of lines) read.push(line);
      expect(read).toEqual(Array.from({ length: 20_000 }, (_, index) => `line ${index + 1}`));
      expect((await command.result()).exitCode).toBe(0);
    } finally {
      await small.shutdown();
    }
  });

  test('a command that cannot be started fails with what the server says', async () => {
    const command = start(['/no/such/program']);
    await expect(command.result()).rejects.toThrow(RpcError);
    await expect(command.stdout.text()).rejects.toThrow(/No such file/);
    await expect(command.next()).rejects.toThrow(/No such file/);
    await command.terminate();
    await command.closeStdin();
  });

  test('L10 the server’s death fails the streams and the result, after what was received', async () => {
    const doomed = await AsyncClient.start(provider.options);
    const command = doomed.commandRun({ ...UNSANDBOXED, command: ['sh', '-c', 'echo up; exec sleep 1000'] });
    const result = command.result();
    expect((await command.stdout.lines().next()).value).toBe('up');
    process.kill(doomed.pid ?? 0, 'SIGKILL');
    await expect(result).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED', signal: 'SIGKILL' });
    await expect(command.stdout.next()).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    await expect(command.stderr.text()).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    await expect(command.write('x')).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    await command.return();
  });

  test('runs fifty commands side by side, each with its own output', async () => {
    const results = Array.from({ length: 50 }, (_, n) =>
      shell(`echo ${n}; echo ${n} >&2; exit ${n}`).result(),
    );
    expect(await Promise.all(results)).toEqual(
      Array.from({ length: 50 }, (_, n) => ({ exitCode: n, stdout: `${n}\n`, stderr: `${n}\n` })),
    );
  });
});

describe('the plain methods', () => {
  test('commandExec, commandExecWrite, commandExecResize and commandExecTerminate work as the protocol has them', async () => {
    const buffered = await client.commandExec({ ...UNSANDBOXED, command: ['sh', '-c', 'echo hi; exit 2'] });
    expect(buffered).toEqual({ exitCode: 2, stdout: 'hi\n', stderr: '' });
    const size = { rows: 10, cols: 20 };
    const exec = client.commandExec({
      ...UNSANDBOXED,
      command: ['cat'],
      processId: 'plain',
      tty: true,
      size,
    });
    await using deltas = client.events({ methods: ['command/exec/outputDelta'] });
    expect(await client.commandExecWrite({ processId: 'plain', deltaBase64: btoa('hello\n') })).toEqual({});
    const delta = await deltas.next();
    expect(delta.value?.params).toMatchObject({ processId: 'plain', stream: 'stdout' });
    expect(await client.commandExecResize({ processId: 'plain', size: { rows: 11, cols: 21 } })).toEqual({});
    expect(await client.commandExecTerminate({ processId: 'plain' })).toEqual({});
    // A program that a terminal's hang-up ends reports 1 here, one without a terminal 137.
    expect((await exec).exitCode).toBe(1);
  });
});
