import { expect, test } from 'vitest';
import { demoPicture, keptPicture } from './demo-picture.js';
import { terminalPicture } from './terminal-picture.js';

test.skipIf(process.platform === 'win32')('the picture of README has what the demo prints', async () => {
  const picture = await demoPicture();
  expect(picture).toContain('The turn is completed');
  expect(keptPicture()).toBe(picture);
});

test('what a program prints cannot end an element, and every line has its place', () => {
  const picture = terminalPicture('a <title>', ['<b> & "c"', '', 'last'], (line) =>
    line === 'last' ? 'typed' : undefined,
  );
  expect(picture).toContain('&lt;b&gt; &amp; &quot;c&quot;');
  expect(picture).toMatch(/class="typed"[^>]*>last</);
  const places = [...picture.matchAll(/<text (?!class="head")[^>]*y="(\d+)"/g)].map(([, y]) => Number(y));
  const [height] = /(?<=height=")\d+/.exec(picture) ?? [];
  expect(places).toHaveLength(2);
  expect(places.every((y, index) => y > (places[index - 1] ?? 0) && y < Number(height))).toBe(true);
});

test('a long line widens the picture', () => {
  const widthOf = (line: string) => Number(/width="(\d+)"/.exec(terminalPicture('demo', [line]))?.[1]);
  expect(widthOf('x'.repeat(100))).toBeGreaterThan(widthOf('x'.repeat(50)) + 200);
});
