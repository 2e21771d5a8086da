/** The packed package under every runtime that it supports: the same programs, with the same outcomes. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../package/commands.js';
import { type Consumer, expectTurn, PROGRAM_KINDS, startConsumer } from '../package/consumer.js';
import { HAS_UNIX_SOCKETS, PARTS } from '../package/parts.js';
import { addProgram, compiled } from '../package/project.js';
import { DENO_CLIENT_PERMISSIONS, denoWith, RUNTIMES } from '../package/runtimes.js';

let consumer: Consumer;
/** The program, by the syntax that it was compiled to. */
let programs: Readonly<Record<'es2022' | 'esnext', string>>;

beforeAll(async () => {
  consumer = await startConsumer();
  const { folder } = consumer;
  addProgram(folder, 'every-runtime.ts');
  programs = {
    es2022: await compiled(folder, 'every-runtime.ts', 'nodenext'),
    esnext: await compiled(folder, 'every-runtime.ts', 'nodenext', 'esnext'),
  };
});

afterAll(() => consumer?.remove());

describe.each(RUNTIMES)('under $name', ({ version, target, command }) => {
  let argv: readonly string[];

  /** What a program prints. */
  const printed = async (program: string, ...args: string[]): Promise<string> => {
    const [file = '', ...before] = argv;
    return run(file, [...before, program, ...args], consumer.folder);
  };

  beforeAll(async () => {
    argv = await command();
    expect(await run(argv[0] ?? '', ['--version'], consumer.folder)).toMatch(version);
  });

  test.each(PROGRAM_KINDS)('a %s program runs a turn with an approval', (kind) =>
    expectTurn(argv, consumer.programs[kind], consumer.folder),
  );

  test.each(Object.entries(PARTS).filter(([part]) => part !== 'connect' || HAS_UNIX_SOCKETS))(
    '%s has the outcome that it has everywhere',
    async (part, outcome) => {
      expect(JSON.parse(await printed(programs[target], part))).toEqual(outcome);
    },
  );

  test('a program that ends without a word leaves no codex', async () => {
    const { pid }: { pid: number } = JSON.parse(await printed(programs[target], 'exit'));
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isAlive(pid), { timeout: GONE_WITHIN_MS }).toBe(false);
  });
});

test.each(RUNTIMES.filter(({ target }) => target === 'esnext'))(
  '$name runs TypeScript as it is, `await using` and all',
  async ({ command }) => {
    const [file = '', ...before] = await command();
    const printed = await run(file, [...before, 'every-runtime.ts', 'turn'], consumer.folder);
    expect(JSON.parse(printed)).toEqual(PARTS.turn);
  },
);

describe('a client on Deno', () => {
  const started = async (permissions: readonly string[]): Promise<string> => {
    const [file = '', ...before] = await denoWith(permissions);
    const program = addProgram(consumer.folder, 'start-alone.mjs');
    const home = mkdtempSync(join(consumer.folder, 'home-'));
    return run(file, [...before, program, home], consumer.folder);
  };

  test('needs three permissions, and no other', async () => {
    const printed = await started(DENO_CLIENT_PERMISSIONS);
    expect(JSON.parse(printed)).toEqual({ state: 'closed', hasThread: true });
  });

  test('that may not start programs says which permission it lacks', async () => {
    const permissions = DENO_CLIENT_PERMISSIONS.filter((permission) => permission !== '--allow-run');
    await expect(started(permissions)).rejects.toThrow(
      'failed with NotCapable. Deno does not allow this process to start the program; begin it with `--allow-run`.',
    );
  });
});

/** More than codex takes to end when its stdin does, on a busy machine. */
const GONE_WITHIN_MS = 30_000;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
