/** Which files a room has. Vitest runs in the repository's root, as the program does. */
import { expect, test } from 'vitest';
import { sourcesOf } from './room.js';

const paths = (room: string) => sourcesOf(room).map(({ path }) => path);

test('a room has its own files and those of the rooms in it, in order', () => {
  const session = paths('session');
  expect(session).toEqual(session.toSorted());
  expect(session).toEqual(expect.arrayContaining(paths('session/streams')));
  expect(session.length).toBeGreaterThan(paths('session/streams').length);
});

test('what is generated is left out', () => {
  expect(paths('protocol')).not.toContain('src/protocol/generated.ts');
});

test.each(['nowhere', '../tests', 'wire/../..'])('there is no room %s', (room) => {
  expect(() => sourcesOf(room)).toThrow(`There is no room '${room}' below src.`);
});
