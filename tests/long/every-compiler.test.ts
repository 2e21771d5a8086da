/** The declarations under every compiler that is supported, in every way of setting it up. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMPILERS, MORE_COMPILERS, settingsOf, typeCheckAll } from '../package/compilers.js';
import { type Consumer, startConsumer } from '../package/consumer.js';
import { typeCost } from '../package/type-cost.js';

let consumer: Consumer;

beforeAll(async () => {
  consumer = await startConsumer();
});

afterAll(() => consumer?.remove());

test.each([...COMPILERS, ...MORE_COMPILERS])(
  'programs are right, and mistakes are seen, under TypeScript %s in every setting',
  (compiler) => typeCheckAll(consumer.folder, compiler, settingsOf(compiler)),
);

test('importing the package does not double the types of a program, all declarations counted', async () => {
  const [empty, full] = await Promise.all([
    typeCost(consumer.folder, 'empty.ts', false),
    typeCost(consumer.folder, 'typescript-program.ts', false),
  ]);
  expect(empty.types).toBeGreaterThan(1000);
  expect(full.types).toBeGreaterThan(empty.types);
  expect(full.types / empty.types).toBeLessThan(2);
});
