/** What is on the tapes of the repository: nothing of a machine or its user, nothing secret, nothing that changes by itself. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { stableTape } from './stable-tape.js';
import { namesOf, pathOf, versions } from './tapes.js';

const tapes = versions().flatMap((version) =>
  namesOf(version).map((name) => {
    const text = readFileSync(pathOf(version, name), 'utf8');
    return { name: `${version} ${name}`, text, said: textsIn(linesOf(text)) };
  }),
);

/** A tape is read in a review, so it is small. */
const MAX_BYTES = 25_000;
/** All of them are cloned by everybody. */
const MAX_BYTES_TOGETHER = 1_500_000;

function linesOf(text: string): unknown[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

/** Every text in a value, names of members too. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)]);
}

/** What of some texts fits a pattern. */
const found = (texts: readonly string[], pattern: RegExp) =>
  texts.flatMap((text) => text.match(pattern) ?? []);

/** Absolute paths, of both kinds, but for the home that stands for every home, and the shells. */
const PATHS = /(?<![\w./:])\/(?!home\/me(\/|$)|bin\/(ba|z)?sh\b)[\w.-]+(\/[\w.-]+)+|\b[A-Z]:\\\w+/g;

const NEVER: readonly (readonly [string, RegExp])[] = [
  ['a path of a machine', PATHS],
  ['an e-mail address', /[\w.+-]+@[\w-]+\.\w+/g],
  ['a key or a token', /\bsk-\w{8,}|\bBearer (?!\[)\S+|\beyJ\w{10,}|\bgh[a-z]_\w{10,}|PRIVATE KEY/g],
  ['an address with its port', /\b\d+\.\d+\.\d+\.\d+:(?!1024\b)\d+/g],
  ['a version of a system', /\b(Debian|Ubuntu|Fedora|macOS|Mac OS|Windows) \d/g],
];

test('there are tapes', () => expect(tapes.length).toBeGreaterThan(60));

describe.each(NEVER)('no tape has %s', (_, pattern) => {
  test.each(tapes)('$name', ({ said }) => expect(found(said, pattern)).toEqual([]));
});

test.each([
  ['a path of a machine', '/usr/lib/node'],
  ['a path of a machine', '/home/someone/project'],
  ['a path of a machine', "cat '/tmp/x/y'"],
  ['a path of a machine', 'C:\\Users\\someone'],
  ['an e-mail address', 'me@example.com'],
  ['a key or a token', 'Bearer abc'],
  ['an address with its port', '127.0.0.1:4711'],
  ['a version of a system', 'tapes/1.0 (Debian 12.0.0; x86_64)'],
])('%s would be found: %s', (name, text) => {
  const [, pattern = /$^/] = NEVER.find(([one]) => one === name) ?? [];
  expect(found([text], pattern)).not.toEqual([]);
});

test('what stands for a machine is no path of one', () => {
  const texts = [
    '/home/me',
    '/home/me/project/a.txt',
    "/bin/sh -c 'echo'",
    'https://example.com/a/b',
    'item/started',
  ];
  expect(found(texts, PATHS)).toEqual([]);
});

test.each(tapes)('$name is stable: ids, times and ports are those of no recording', ({ text }) => {
  expect(stableTape(text)).toBe(text);
  expect(text).not.toMatch(/remoteControl.*"serverName":"(?!my-host")/);
});

test('the tapes are small', () => {
  const large = tapes.filter(({ text }) => Buffer.byteLength(text) > MAX_BYTES);
  expect(large.map(({ name }) => name)).toEqual([]);
  const together = tapes.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  expect(together).toBeLessThan(MAX_BYTES_TOGETHER);
});
