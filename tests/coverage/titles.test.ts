/** How titles are found. */
import { expect, test } from 'vitest';
import { titlesIn } from './titles.js';

test.each([
  ["test('a title', async () => {", ['a title']],
  ['test(\n  "a title: \'in quotes\'",', ["a title: 'in quotes'"]],
  ["  it('a title', f)", ['a title']],
  ["test.each([['x']])('a title with %s', (x) => {", ['a title with %s']],
  ["test.each(table)('a title of %s', (x) => {", ['a title of %s']],
  ["test.each(['a', 'b'])(\n  'a title %s', (how) => {", ['a title %s']],
  ["test.each<[A, B]>([\n  ['x', f(g(1))],\n])('a title', () => {", ['a title']],
  ["test.skip('not run', () => {", []],
  ["test.todo('not run');", []],
  ["// test('in a comment', () => {", []],
  ["describe('a group', () => {", []],
  ["const text = 'a text';", []],
])('titles are found in %j', (source, found) => {
  expect(titlesIn(source)).toEqual(found);
});
