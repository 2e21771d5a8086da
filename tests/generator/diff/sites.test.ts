/** The places where a user meets a type, and what can be met there. */
import { expect, test } from 'vitest';
import { sitesOf, typesAt } from '../../../src/generator/diff/sites.js';
import { readTypes } from '../../../src/generator/diff/type-model.js';
import { protocolWith } from './two-versions.js';

test('params of our requests and results of theirs are written, everything else is read', () => {
  const sites = sitesOf(protocolWith({}), protocolWith({}));
  expect(sites.map(({ name, user }) => `${name}: ${user}`)).toEqual([
    '`thing/do` params: writes',
    '`thing/do` response: reads',
    '`ask` params: reads',
    '`ask` result: writes',
    '`said` params: reads',
    '`initialized` params: writes',
  ]);
});

test('methods of one version alone have no place', () => {
  const more =
    '{ "method": "ask", id: number, params: AskParams, } | { "method": "more", id: number, params: undefined, }';
  const names = (before: string, after: string) =>
    sitesOf(protocolWith({ ServerRequest: before }), protocolWith({ ServerRequest: after })).map(
      ({ name }) => name,
    );
  const one = '{ "method": "ask", id: number, params: AskParams, }';
  expect(names(one, more)).toEqual(names(one, one));
  expect(names(more, one)).toEqual(names(one, one));
});

test('a response that one version does not lead to has the name that it has in the other', () => {
  const before = protocolWith({
    ClientRequest: '{ "method": "thing/do", id: number, params: undefined, }',
    ThingDoParams: 'undefined',
  });
  expect(sitesOf(before, protocolWith({})).map(({ name }) => name)).toContain('`thing/do` response');
});

test('each type has the shortest path to it, through lists, maps and unions', () => {
  const types = readTypes([
    {
      name: 'Root',
      doc: '',
      body: '{ far: Array<Middle>, near: Leaf | null, map: { [key in string]?: Other }, }',
    },
    {
      name: 'Middle',
      doc: '',
      body: '{ "type": "x", leaf: Leaf, } | { "type": "y", root: Root, deep: Deep, }',
    },
    { name: 'Leaf', doc: '', body: 'string' },
    { name: 'Other', doc: '', body: 'string' },
    { name: 'Deep', doc: '', body: 'string' },
    { name: 'Elsewhere', doc: '', body: 'string' },
  ]);
  expect(Object.fromEntries(typesAt(types.read('Root'), types))).toEqual({
    Root: '',
    Middle: 'far[]',
    Leaf: 'near',
    Other: 'map[*]',
    Deep: 'far[]<y>.deep',
  });
});
