// What the types say to somebody who hovers: every export and every member has a doc, calls say how they fail, and
// options say what holds without them.

import { expect, test } from 'vitest';
import { CLIENT_METHODS } from '../../src/protocol/generated.js';
import { methodName } from '../../src/protocol/methods.js';
import { type ApiEntry, publicApi, typedMethods } from './public-api.js';

const api = publicApi();

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
      !tags.includes('throws') &&
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
      !tags.includes('defaultValue'),
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
      !/Ms$|Bytes$/.test(name) && !/\b(messages|requests|tokens|bytes|milliseconds)\b/i.test(doc),
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

test('hovering a typed method shows the protocol method that it sends', () => {
  const methods = typedMethods();
  const sent = CLIENT_METHODS.filter((method) => method !== 'initialize');
  expect(methods.map(({ name }) => name).sort()).toEqual(sent.map(methodName).sort());
  const docs = new Map(methods.map(({ name, doc }) => [name, doc]));
  expect(sent.filter((method) => !docs.get(methodName(method))?.startsWith(`Sends \`${method}\``))).toEqual(
    [],
  );
});
