/** The declarations under every compiler that is supported, in every way of setting it up. */
import { afterAll, beforeAll, test } from 'vitest';
import { COMPILERS, MORE_COMPILERS, settingsOf, typeCheckAll } from '../package/compilers.js';
import { type Consumer, startConsumer } from '../package/consumer.js';

let consumer: Consumer;

beforeAll(async () => {
  consumer = await startConsumer();
});

afterAll(() => consumer?.remove());

test.each([...COMPILERS, ...MORE_COMPILERS])(
  'programs are right, and mistakes are seen, under TypeScript %s in every setting',
  (compiler) => typeCheckAll(consumer.folder, compiler, settingsOf(compiler)),
);
