// The package in the hands of others, under the Node.js that runs the tests. The other versions are the business of
// `tests/long`.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './commands.js';
import { type Consumer, expectTurn, PROGRAM_KINDS, startConsumer } from './consumer.js';
import { addProgram, compiled, MODULE_MODES } from './project.js';

let consumer: Consumer;

beforeAll(async () => {
  consumer = await startConsumer();
}, 180_000);

afterAll(() => consumer?.remove());

/** An unknown method, and a result that is no number: both pass where a type has come out as `any`. */
const PROGRAM_WITH_MISTAKES = `import { AsyncClient } from 'codex-async-client';
declare const client: AsyncClient;
client.threadStrat({});
export const id: number = (await client.threadStart({})).thread.id;
`;

test.each(Object.keys(MODULE_MODES) as (keyof typeof MODULE_MODES)[])(
  'a mistake in a program is seen under %s, so the types are there',
  async (mode) => {
    writeFileSync(join(consumer.folder, 'mistake.ts'), PROGRAM_WITH_MISTAKES);
    const report = compiled(consumer.folder, 'mistake.ts', mode);
    await expect(report).rejects.toThrow(/mistake\.ts\(3,\d+\): error TS2551: .*'threadStrat'/);
    await expect(report).rejects.toThrow(/mistake\.ts\(4,\d+\): error TS2322: .*'string'.*'number'/);
  },
);

test.each(PROGRAM_KINDS)('a %s program runs a turn with an approval', (kind) =>
  expectTurn(process.execPath, consumer.programs[kind], consumer.folder),
);

test('a fake stands in for a client in JavaScript', async () => {
  const program = addProgram(consumer.folder, 'javascript-fakes.mjs');
  expect(await run(process.execPath, [program], consumer.folder)).toBe('Hi! / turn/completed\n');
});

test.each(Object.keys(MODULE_MODES) as (keyof typeof MODULE_MODES)[])(
  'a fake stands in for a client under %s without a cast, and nobody makes a client by hand',
  async (mode) => {
    addProgram(consumer.folder, 'typescript-fakes.ts');
    const program = await compiled(consumer.folder, 'typescript-fakes.ts', mode);
    expect(await run(process.execPath, [program], consumer.folder)).toBe('Hi! / The Pond\n');
  },
);
