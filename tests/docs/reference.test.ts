// The documents against the public surface: what the tables of the reference list is what there is, and the members that any document names exist.

import * as main from 'codex-async-client';
import * as testing from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { CLIENT_METHODS } from '../../src/protocol/generated.js';
import { methodName } from '../../src/protocol/methods.js';
import { DOCUMENTS } from './documents.js';
import { codeIn, codeSpans, readDocument, tableUnder } from './markdown.js';
import { publicApi } from './public-api.js';

const reference = readDocument('.github/docs/reference.md');
const { entries: api, typedMethods } = publicApi();

/** The members of an export that are its own or inherited. */
const membersOf = (name: string) => api.filter((entry) => entry.name.startsWith(`${name}.`));
const shortName = (name: string) => name.slice(name.indexOf('.') + 1);

const clientMembers = [
  ...membersOf('AsyncClient').map(({ name }) => shortName(name)),
  ...typedMethods.map(({ name }) => name),
];

describe('the table of options', () => {
  const rows = new Map(
    tableUnder(reference, '## Options').map(([option, value, meaning]) => [
      codeIn(option),
      { value, meaning },
    ]),
  );

  test('has a row for every option of a start, and no other', () => {
    expect([...rows.keys()].sort()).toEqual(
      membersOf('StartOptions')
        .map(({ name }) => shortName(name))
        .sort(),
    );
  });

  test('gives every number that is a default as the types do', () => {
    const numbers = [...membersOf('StartOptions'), ...membersOf('BufferOptions')].flatMap(
      ({ name, defaultValue }) => {
        const number = /^[\d,]+$/.exec(defaultValue?.split(' ')[0] ?? '')?.[0];
        return number === undefined ? [] : [[name, number] as const];
      },
    );
    expect(numbers.length).toBeGreaterThan(4);
    for (const [name, number] of numbers) {
      const row = rows.get(name.startsWith('BufferOptions') ? 'buffer' : shortName(name));
      expect(`${row?.value} ${row?.meaning}`, name).toContain(number);
    }
  });
});

describe('the table of errors', () => {
  test('has a row for every class with its code, and no other', () => {
    const classes = Object.values<unknown>({ ...main, ...testing }).filter(
      (value): value is typeof main.RpcError =>
        typeof value === 'function' && value.prototype instanceof main.CodexClientError,
    );
    const codes = classes.map(({ name }) => {
      const code = membersOf(name).find((entry) => entry.name === `${name}.code`);
      return [name, code?.type.replaceAll('"', '')];
    });
    const rows = tableUnder(reference, '## Errors').map(([name, code]) => [codeIn(name), codeIn(code)]);
    expect(rows.toSorted()).toEqual(codes.toSorted());
  });

  test('names members that the class has, where it says what to do', () => {
    for (const [name, , , advice] of tableUnder(reference, '## Errors')) {
      const members = membersOf(codeIn(name)).map((entry) => shortName(entry.name));
      const named = codeSpans(advice ?? '').filter((span) => /^[a-z]\w*$/.test(span));
      const known = [
        ...members,
        'cause',
        ...membersOf('StartOptions').map((entry) => shortName(entry.name)),
        ...clientMembers,
      ];
      expect(
        named.filter((span) => !known.includes(span)),
        codeIn(name),
      ).toEqual([]);
    }
  });
});

describe('the methods', () => {
  const section = reference.split('\n## Methods\n')[1]?.split('\n## ')[0] ?? '';

  test('are as many as it says', () => {
    expect(section).toContain(`the ${CLIENT_METHODS.length} methods`);
    expect(readDocument('CHANGELOG.md')).toContain(`${CLIENT_METHODS.length} methods`);
  });

  test('are named by the rule that it gives', () => {
    const examples = [...section.matchAll(/`([\w/]+)` → `(\w+)`/g)].map((match) => [match[1], match[2]]);
    expect(examples.length).toBeGreaterThan(1);
    for (const [method, name] of examples) {
      expect(CLIENT_METHODS).toContain(method);
      expect(methodName(method ?? '')).toBe(name);
    }
  });
});

test.each(DOCUMENTS)('$path names members of the client that exist', ({ text: document }) => {
  // The left column of a migration table has the names of others.
  const own = document.replaceAll(/^\|[^|]*\|/gm, '|');
  const named = codeSpans(own).flatMap((span) =>
    [...span.matchAll(/\b(?:client|AsyncClient)\.([a-zA-Z]\w*)/g)].map((match) => match[1] ?? ''),
  );
  const known = new Set(clientMembers);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
