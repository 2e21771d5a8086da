/** The packed package in what every bundler makes of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BundleStage, startBundleStage } from '../package/bundled.js';
import { BUNDLERS, esbuildWithoutBanner, PAGE_BUNDLERS } from '../package/bundlers.js';
import { type Consumer, startConsumer } from '../package/consumer.js';
import { HAS_UNIX_SOCKETS, PARTS } from '../package/parts.js';

let consumer: Consumer;
let stage: BundleStage;

beforeAll(async () => {
  consumer = await startConsumer();
  stage = await startBundleStage(consumer.folder);
});

afterAll(() => {
  stage?.remove();
  consumer?.remove();
});

describe.each(Object.entries(BUNDLERS))('%s', (_, bundle) => {
  let file: string;

  beforeAll(async () => {
    file = await stage.bundled(bundle);
  });

  test('the bundle runs a turn with an approval, without node_modules', async () => {
    expect(await stage.printedBy(file, 'turn')).toEqual(PARTS.turn);
  });

  test.runIf(HAS_UNIX_SOCKETS)(
    'the bundle connects to a server, with the package that is loaded late',
    async () => {
      expect(await stage.printedBy(file, 'connect')).toEqual(PARTS.connect);
    },
  );

  test('codex is found above the bundle when the main script is elsewhere', async () => {
    expect(await stage.printedWhenImported(file, 'disposal')).toEqual(PARTS.disposal);
  });
});

test.each(Object.entries(PAGE_BUNDLERS))(
  '%s: a page has the view, and nothing of Node.js',
  async (_, bundle) => {
    expect(await stage.shownByPage(bundle)).toBe('It works.');
  },
);

test('esbuild to an ES module needs the line that the page about bundles has', async () => {
  const bundle = await stage.bundled(esbuildWithoutBanner);
  await expect(stage.printedBy(bundle, 'turn')).rejects.toThrow(
    'Dynamic require of "child_process" is not supported',
  );
});
