// README and CONTRIBUTING against the code: what their tables list is what there is, and what they name exists.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as main from 'codex-async-client';
import * as testing from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { OLDEST_SERVER_VERSION } from '../../src/client/server-info.js';
import {
  CLIENT_METHODS,
  PROTOCOL_VERSION,
  SERVER_NOTIFICATION_METHODS,
  SERVER_REQUEST_METHODS,
} from '../../src/protocol/generated.js';
import { methodName } from '../../src/protocol/methods.js';
import { COMPILERS } from '../package/compilers.js';
import { ATTACKS } from '../runs/attacks.js';
import { anchors, codeIn, codeSpans, localLinks, REPOSITORY, readDocument, tableUnder } from './markdown.js';
import { publicApi } from './public-api.js';

const readme = readDocument('README.md');
const contributing = readDocument('.github/CONTRIBUTING.md');
const tapes = readDocument('.github/docs/tapes.md');
const doctor = readDocument('.github/docs/doctor.md');
const bugReport = readDocument('.github/ISSUE_TEMPLATE/bug_report.md');
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
    tableUnder(readme, '## Options').map(([option, value, meaning]) => [codeIn(option), { value, meaning }]),
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

test('the guide of a bot in CI gives the number of attacks in the table', () => {
  expect(/Of the (\d+) attacks in/.exec(readme)?.[1]).toBe(String(Object.values(ATTACKS).flat().length));
});

describe('the table of errors', () => {
  test('has a row for every class with its code, and no other', () => {
    const classes = Object.values<unknown>({ ...main, ...testing }).filter(
      (value): value is typeof main.RpcError =>
        typeof value === 'function' && value.prototype instanceof main.CodexClientError,
    );
    const codes = classes.map(({ name }) => {
      const code = api.find((entry) => entry.name === `${name}.code`);
      return [name, code?.type.replaceAll('"', '')];
    });
    const rows = tableUnder(readme, '## Errors').map(([name, code]) => [codeIn(name), codeIn(code)]);
    expect(rows.toSorted()).toEqual(codes.toSorted());
  });

  test('names members that the class has, where it says what to do', () => {
    for (const [name, , , advice] of tableUnder(readme, '## Errors')) {
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
  const section = readme.split('\n## Methods\n')[1]?.split('\n## ')[0] ?? '';

  test('are as many as README says', () => {
    expect(section).toContain(`the ${CLIENT_METHODS.length} methods`);
    expect(readDocument('CHANGELOG.md')).toContain(`${CLIENT_METHODS.length} methods`);
  });

  test('are named by the rule that README gives', () => {
    const examples = [...section.matchAll(/`([\w/]+)` → `(\w+)`/g)].map((match) => [match[1], match[2]]);
    expect(examples.length).toBeGreaterThan(1);
    for (const [method, name] of examples) {
      expect(CLIENT_METHODS).toContain(method);
      expect(methodName(method ?? '')).toBe(name);
    }
  });
});

describe.each([
  ['README.md', readme],
  ['.github/CONTRIBUTING.md', contributing],
])('%s', (_path, document) => {
  test('names npm scripts that exist', () => {
    const named = [...document.matchAll(/\bnpm (?:run )?([a-z][\w:-]*)/g)].map((match) => match[1] ?? '');
    const ofNpm = ['ci', 'install', 'pack', 'publish'];
    const scripts = Object.keys(packageJson.scripts);
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((name) => !ofNpm.includes(name) && !scripts.includes(name))).toEqual([]);
  });
});

describe.each([
  ['README.md', readme],
  ['.github/CONTRIBUTING.md', contributing],
  ['.github/docs/tapes.md', tapes],
  ['.github/docs/doctor.md', doctor],
  ['.github/ISSUE_TEMPLATE/bug_report.md', bugReport],
])('%s', (path, document) => {
  test('links to files and headings that exist', () => {
    const from = join(REPOSITORY, path, '..');
    expect(localLinks(document).filter((target) => !existsSync(join(from, target)))).toEqual([]);
    const { used, defined } = anchors(document);
    expect(used.filter((anchor) => !defined.has(anchor))).toEqual([]);
  });

  test('names members of the client that exist', () => {
    // The left column of a migration table has the names of others.
    const own = document.replaceAll(/^\|[^|]*\|/gm, '|');
    const named = codeSpans(own).flatMap((span) =>
      [...span.matchAll(/\b(?:client|AsyncClient)\.([a-zA-Z]\w*)/g)].map((match) => match[1] ?? ''),
    );
    const known = new Set(clientMembers);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test('names methods of the protocol that exist', () => {
    const known = new Set<string>([
      ...CLIENT_METHODS,
      ...SERVER_NOTIFICATION_METHODS,
      ...SERVER_REQUEST_METHODS,
    ]);
    const named = codeSpans(document).filter((span) =>
      /^(thread|turn|item|command|fs|account|model)\/[\w/]+$/.test(span),
    );
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

test('README names the versions that package.json and the types have', () => {
  const versions = readme.split('\n## Supported versions\n')[1] ?? '';
  expect(versions).toContain(`codex ${PROTOCOL_VERSION}`);
  expect(packageJson.devDependencies['@openai/codex']).toBe(PROTOCOL_VERSION);
  expect(packageJson.engines.node).toBe('>=20.19');
  expect(versions).toContain('Node.js 20.19');
  expect(versions).toContain(`TypeScript ${COMPILERS[0]} or newer`);
  expect(versions).toContain(`"~${packageJson.version.replace(/\d+$/, '0')}"`);
  expect(packageJson.peerDependencies['@openai/codex']).toBe(`>=${OLDEST_SERVER_VERSION}`);
});
