/** The package under the Node.js versions that it supports, beside the one that runs the tests. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../package/commands.js';
import { type Consumer, expectTurn, PROGRAM_KINDS, startConsumer } from '../package/consumer.js';
import { NODE_MAJORS, nodeExecutable } from '../package/node-versions.js';

const OTHERS = NODE_MAJORS.filter((major) => !process.versions.node.startsWith(`${major}.`));

let consumer: Consumer;

beforeAll(async () => {
  consumer = await startConsumer();
});

afterAll(() => consumer?.remove());

describe.each(OTHERS)('under Node.js %i', (major) => {
  let node: string;

  beforeAll(async () => {
    node = await nodeExecutable(major);
    expect(await run(node, ['--version'], consumer.folder)).toMatch(new RegExp(`^v${major}\\.`));
  });

  test.each(PROGRAM_KINDS)('a %s program runs a turn with an approval', (kind) =>
    expectTurn(node, consumer.programs[kind], consumer.folder),
  );
});
