/** Paths that lead nowhere, and those that are nobody's business here. */
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkLocalPaths } from '../../../src/session/requests/local-paths.js';

const FILE = fileURLToPath(import.meta.url);
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const GONE = `${FILE}.gone`;
const image = (path: unknown) => ({
  input: [
    { type: 'text', text: 'a' },
    { type: 'localImage', path },
  ],
});

test.each<[string, string, unknown, string]>([
  ['params.cwd', 'thread/start', { cwd: GONE }, 'expected a folder that exists'],
  ['params.cwd', 'turn/start', { cwd: FILE }, 'that is not a folder'],
  ['params.cwd', 'command/exec', { cwd: GONE }, 'there is no such folder'],
  ['params.input[1].path', 'turn/start', image(GONE), 'there is no such file'],
  ['params.input[1].path', 'turn/steer', image(FOLDER), 'that is not a file'],
  [
    'params.input[0].path',
    'turn/start',
    { input: [{ type: 'localAudio', path: GONE }] },
    'there is no such file',
  ],
  [
    'params.input[1].path',
    'turn/start',
    image('gone.png'),
    `got "gone.png", which is ${JSON.stringify(join(FOLDER, 'gone.png'))} for this server: there is no such file`,
  ],
])('L20 %s of %s is refused: %j', (argument, method, params, message) => {
  const check = () => checkLocalPaths('params', method, params, FOLDER);
  expect(check).toThrow(expect.objectContaining({ argument }));
  expect(check).toThrow(`${argument}: `);
  expect(check).toThrow(message);
});

test.each<[string, string, unknown]>([
  ['a folder that is there', 'thread/start', { cwd: FOLDER }],
  ['an image that is there', 'turn/start', image(FILE)],
  ['a relative folder', 'turn/start', { cwd: 'gone' }],
  ['an image in the folder of the server', 'turn/start', image(basename(FILE))],
  ['the folder of a list, which may be gone', 'thread/list', { cwd: GONE }],
  ['an image of another kind', 'turn/start', { input: [{ type: 'image', url: GONE }] }],
  ['what is no path', 'turn/start', { cwd: null, input: 'text' }],
  ['what is below a file', 'thread/start', { cwd: `${FILE}/x` }],
  ['no params', 'thread/start', undefined],
])('%s passes', (_what, method, params) => {
  expect(() => checkLocalPaths('params', method, params, FOLDER)).not.toThrow();
});

test('L20 where the params are arguments themselves, so is what is named', () => {
  expect(() => checkLocalPaths('', 'turn/steer', image(GONE), FOLDER)).toThrow(
    'input[1].path: expected a file',
  );
});
