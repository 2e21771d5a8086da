// What an editor shows to somebody who hovers: every export and every member has a doc, calls say how they fail, options
// say what holds without them, and nothing is shown as raw markup.

import * as main from 'codex-async-client';
import * as testing from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { CLIENT_METHODS, EXPERIMENTAL_METHODS } from '../../src/protocol/generated.js';
import { methodName } from '../../src/protocol/methods.js';
import { PAGINATED_METHODS } from '../../src/runs/pages-methods.js';
import { type ApiEntry, publicApi } from './public-api.js';

const { entries: api, typedMethods: methods } = publicApi();

/** The options of which the absence is their default. */
const WITHOUT_DEFAULT = new Set(['signal', 'trace']);

const named = (entries: readonly ApiEntry[]) => entries.map(({ file, name }) => `${file} ${name}`);

test('the surface is seen: classes, functions, types and their members', () => {
  expect(new Set(api.map(({ kind }) => kind))).toEqual(
    new Set(['class', 'interface', 'type', 'function', 'constant', 'method', 'property']),
  );
  expect(api.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'AsyncClient',
      'AsyncClient.start',
      'AsyncClient.request',
      'LocalModelProvider.when',
    ]),
  );
});

test('every export and every public member says what it is', () => {
  expect(named(api.filter((entry) => entry.doc === '' && !saysItself(entry)))).toEqual([]);
});

/** A discriminant's only value is its meaning, and a stream iterates over itself. */
function saysItself({ name, type }: ApiEntry): boolean {
  return /^"\w+"( \| "\w+")*$/.test(type) || name.endsWith('[Symbol.asyncIterator]');
}

test('every call that settles later says how it fails, or that it never does', () => {
  const silent = api.filter(
    ({ returns, tags, doc }) =>
      /^(Promise|AsyncGenerator)</.test(returns ?? '') &&
      !tags.some((tag) => tag.name === 'throws') &&
      !/\bnever rejects/i.test(doc),
  );
  expect(named(silent)).toEqual([]);
});

test('every option says its default', () => {
  const silent = api.filter(
    ({ name, isOptional, tags }) =>
      isOptional &&
      /Options\./.test(name) &&
      !WITHOUT_DEFAULT.has(name.split('.')[1] ?? '') &&
      !tags.some((tag) => tag.name === 'defaultValue'),
  );
  expect(named(silent)).toEqual([]);
});

test('every duration and size of an option has its unit in its name or its doc', () => {
  const numbers = api.filter(
    ({ name, type }) => /Options\./.test(name) && /^number( \| undefined)?$/.test(type),
  );
  expect(numbers.length).toBeGreaterThan(5);
  const unitless = numbers.filter(
    ({ name, doc }) =>
      !/Ms$|Bytes$/.test(name) && !/\b(messages|requests|restarts|tokens|bytes|milliseconds)\b/i.test(doc),
  );
  expect(named(unitless)).toEqual([]);
});

test('no option and no parameter of an option is a function: a decision is data', () => {
  const isInput = /(Options|Params|Filter|Input|Answers)\./;
  expect(named(api.filter(({ name, type }) => isInput.test(name) && type.includes('=>')))).toEqual([]);
  expect(
    named(api.filter(({ name }) => /\.(on[A-Z]\w*|on|once|off|addListener|subscribe)$/.test(name))),
  ).toEqual([]);
});

describe('a hover', () => {
  const all = [...api, ...methods];
  const textsOf = ({ doc, tags }: ApiEntry) => [doc, ...tags.map(({ text }) => text)];

  test('leads where its links point', () => {
    const dead = all.flatMap(({ file, name, links }) =>
      links.filter(({ isResolved }) => !isResolved).map(({ text }) => `${file} ${name}: ${text}`),
    );
    expect(dead).toEqual([]);
    expect(all.flatMap(({ links }) => links).length).toBeGreaterThan(50);
  });

  test('shows no markup: a brace at the beginning of a tag is taken for a type', () => {
    const broken = all.filter(
      ({ tags }) =>
        tags.some(({ name, text }) => text.startsWith('{') || name.startsWith('link')) ||
        tags.some(({ text }) => (text.match(/{/g) ?? []).length !== (text.match(/}/g) ?? []).length),
    );
    expect(named(broken)).toEqual([]);
    expect(named(all.filter((entry) => textsOf(entry).some((text) => text.includes('{@'))))).toEqual([]);
  });

  test('says of every error which one, and when', () => {
    // A view is for pages, which have no more than the language's own errors.
    const errors = [
      ...Object.keys({ ...main, ...testing }).filter((name) => name.endsWith('Error')),
      'TypeError',
    ];
    const saysWhen = /^(\w+) (\w.*|\(.*)$/s;
    const sameAsOther = /^(at its end )?what [\w.`]+ (does|throws)/;
    const unclear = api.flatMap(({ file, name, tags }) =>
      tags
        .filter((tag) => tag.name === 'throws')
        .filter(({ text }) => !errors.includes(saysWhen.exec(text)?.[1] ?? '') && !sameAsOther.test(text))
        .map(({ text }) => `${file} ${name}: ${text}`),
    );
    expect(unclear).toEqual([]);
  });
});

describe('hovering a typed method', () => {
  const own = ['initialize', 'turn/start', 'turn/steer', 'mock/experimentalMethod'];
  const sent = CLIENT_METHODS.filter((method) => !own.includes(method));
  const entryOf = new Map(methods.map((entry) => [entry.name, entry]));
  const docOf = (method: string) => entryOf.get(methodName(method))?.doc.replaceAll(/\s+/g, ' ') ?? '';
  const tagsOf = (method: string) => entryOf.get(methodName(method))?.tags.map(({ name }) => name) ?? [];

  test('shows the protocol method that it sends, and what comes back', () => {
    expect(methods.map(({ name }) => name).sort()).toEqual(sent.map(methodName).sort());
    expect(sent.filter((method) => !docOf(method).startsWith(`Sends \`${method}\``))).toEqual([]);
    expect(sent.filter((method) => !docOf(method).includes('; the server answers'))).toEqual([]);
    expect(docOf('thread/name/set')).toBe(
      'Sends `thread/name/set` with `threadId` and `name`; the server answers with nothing.',
    );
  });

  test('shows which are experimental', () => {
    const experimental: readonly string[] = EXPERIMENTAL_METHODS;
    expect(sent.filter((method) => tagsOf(method).includes('experimental'))).toEqual(
      sent.filter((method) => experimental.includes(method)),
    );
  });

  test('points to paginate where there are pages, and nowhere else', () => {
    const paginated: readonly string[] = PAGINATED_METHODS;
    for (const method of sent) {
      const pointer = `\`paginate('${method}', params)\``;
      expect(docOf(method).includes(pointer), method).toBe(paginated.includes(method));
    }
  });
});
