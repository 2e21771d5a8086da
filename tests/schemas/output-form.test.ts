/** The form of an output: which schemas are taken, what is sent, and what an answer comes to. */
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';
import { outputFormOf } from '../../src/schemas/output-form.js';

const ARGUMENT = 'params.outputSchema';
const TEXT = { type: 'string' };
const PLAIN = { type: 'object', properties: { title: TEXT, note: TEXT }, required: ['title'] };

const bare = v.object({ title: v.string(), note: v.optional(v.string()) });
const LIBRARIES: [string, unknown][] = [
  ['zod', z.object({ title: z.string(), note: z.string().optional() })],
  ['zod, as JSON Schema', z.toJSONSchema(z.object({ title: z.string(), note: z.string().optional() }))],
  [
    'zod/mini, as JSON Schema',
    z.toJSONSchema(mini.object({ title: mini.string(), note: mini.optional(mini.string()) })),
  ],
  ['ArkType', type({ title: 'string', 'note?': 'string' })],
  ['Valibot', toStandardJsonSchema(bare)],
];

/** A schema of nobody's library. */
function schemaOf(
  validate: (value: unknown) => unknown,
  input: (options: { target: string }) => object = () => PLAIN,
) {
  return { '~standard': { version: 1, vendor: 'mine', validate, jsonSchema: { input } } };
}

describe.each(LIBRARIES)('a schema of %s', (_, schema) => {
  test('is sent in strict form', () => {
    expect(outputFormOf(ARGUMENT, schema).sent).toMatchObject({
      type: 'object',
      properties: { title: TEXT, note: { type: ['string', 'null'] } },
      required: expect.arrayContaining(['title', 'note']),
      additionalProperties: false,
    });
  });

  test('gives the output without the nulls that were added', async () => {
    const reading = await outputFormOf(ARGUMENT, schema).read('{"title":"Pond","note":null}');
    expect(reading).toEqual({ output: { title: 'Pond' } });
  });

  test('says what is wrong with an answer', async () => {
    const { issues } = await outputFormOf(ARGUMENT, schema).read('{"title":1,"note":null}');
    expect(issues).toHaveLength(1);
    expect(Array.from(issues?.[0]?.path ?? [], (step) => Object(step).key ?? step)).toEqual(['title']);
  });
});

describe('a schema of a library', () => {
  test('may write a format beside the branches it is said in, as ArkType does', async () => {
    const form = outputFormOf(ARGUMENT, type({ id: 'string.uuid', 'other?': 'string.uuid' }));
    const id = '123e4567-e89b-42d3-a456-426614174000';
    expect(await form.read(JSON.stringify({ id, other: null }))).toEqual({ output: { id } });
    expect((await form.read('{"id":"x","other":null}')).issues).toHaveLength(1);
  });

  test('may change the answer, and fills in defaults', async () => {
    const schema = z.object({
      title: z.string().transform((title) => title.length),
      tags: z.array(z.string()).default(['none']),
    });
    expect(await outputFormOf(ARGUMENT, schema).read('{"title":"Pond","tags":null}')).toEqual({
      output: { title: 4, tags: ['none'] },
    });
  });

  test('may name itself', async () => {
    const Tree = z.object({
      name: z.string(),
      get kids() {
        return z.array(Tree).optional();
      },
    });
    const answer = { name: 'a', kids: [{ name: 'b', kids: null }] };
    expect(await outputFormOf(ARGUMENT, Tree).read(JSON.stringify(answer))).toEqual({
      output: { name: 'a', kids: [{ name: 'b' }] },
    });
    const tree = type.module({ tree: { name: 'string', 'next?': 'tree' } }).tree;
    expect(await outputFormOf(ARGUMENT, tree).read('{"name":"a","next":{"name":"b","next":null}}')).toEqual({
      output: { name: 'a', next: { name: 'b' } },
    });
  });

  test('may take its time, and may not manage', async () => {
    const slow = schemaOf(async (value) => ({ value: { seen: value } }));
    expect(await outputFormOf(ARGUMENT, slow).read('{"title":"a"}')).toEqual({
      output: { seen: { title: 'a' } },
    });
    const cause = new Error('boom');
    const broken = schemaOf(() => Promise.reject(cause));
    expect(await outputFormOf(ARGUMENT, broken).read('{}')).toEqual({
      issues: [{ message: 'the schema could not check it: Error: boom' }],
      cause,
    });
  });

  test('is asked for another dialect when it does not have the first', () => {
    const asked: string[] = [];
    const old = schemaOf(
      (value) => ({ value }),
      ({ target }) => {
        asked.push(target);
        if (target !== 'draft-07') throw new Error('too new');
        return PLAIN;
      },
    );
    expect(outputFormOf(ARGUMENT, old).sent['type']).toBe('object');
    expect(asked).toEqual(['draft-2020-12', 'draft-07']);
  });

  test.each<[string, unknown, RegExp]>([
    ['cannot say itself', bare, /"valibot" that cannot; zod has it.* toStandardJsonSchema\(schema\)/],
    ['is one of zod/mini', mini.object({}), /"zod" that cannot; .*z\.toJSONSchema/],
    ['cannot be said', z.object({ when: z.date() }), /"zod" cannot be said as JSON Schema: .*Date/],
    ['is no Standard Schema', { '~standard': { version: 1 } }, /\["~standard"\]: expected a Standard Schema/],
    ['says no object', schemaOf(Boolean, () => []), /expected a JSON Schema/],
    [
      'says what strict mode cannot',
      z.record(z.string(), z.string()),
      /^params\.outputSchema\.(propertyNames|additional)/,
    ],
  ])('that %s is refused', (_, schema, message) => {
    expect(() => outputFormOf(ARGUMENT, schema)).toThrow(
      expect.objectContaining({ code: 'CODEX_INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});

describe('a JSON Schema', () => {
  test('gives the output parsed, without the nulls that were added, and checks nothing', async () => {
    const form = outputFormOf(ARGUMENT, PLAIN);
    expect(await form.read('{"title":"Pond","note":null}')).toEqual({ output: { title: 'Pond' } });
    expect(await form.read('{"title":1}')).toEqual({ output: { title: 1 } });
    expect(await form.read('3')).toEqual({ output: 3 });
  });

  test('has to be an object that JSON can hold', () => {
    for (const schema of ['object', 4, true, [], new Date(0), () => PLAIN, { type: 'object', x: 1n }])
      expect(() => outputFormOf(ARGUMENT, schema)).toThrow(expect.objectContaining({ argument: ARGUMENT }));
  });

  test('may be of a class, frozen, and change afterwards', async () => {
    class Schema {
      type = 'object';
      properties: Record<string, object> = { title: TEXT };
    }
    const schema = new Schema();
    const form = outputFormOf(ARGUMENT, schema);
    schema.properties = {};
    expect(form.sent['required']).toEqual(['title']);
    expect(await form.read('{"title":null}')).toEqual({ output: {} });
    expect(outputFormOf(ARGUMENT, Object.freeze({ ...PLAIN })).sent['required']).toEqual(['title', 'note']);
  });
});

describe('an answer', () => {
  const form = outputFormOf(ARGUMENT, PLAIN);

  test('that is missing does not fit', async () => {
    expect(await form.read(undefined)).toEqual({ issues: [{ message: 'there is no final message' }] });
  });

  test.each(['', 'Sorry.', '{"title":', '```json\n{}\n```'])(
    'that is no JSON does not fit: %j',
    async (text) => {
      expect(await form.read(text)).toMatchObject({
        issues: [{ message: 'the final message is no JSON' }],
        cause: expect.any(SyntaxError),
      });
    },
  );

  test('that is nested too deep to look at does not fit', async () => {
    const deep = outputFormOf(ARGUMENT, { type: 'object', properties: { a: { $ref: '#' } } });
    const text = `${'{"a":'.repeat(20_000)}{}${'}'.repeat(20_000)}`;
    expect(await deep.read(text)).toMatchObject({
      issues: [{ message: expect.stringContaining('RangeError') }],
    });
  });
});
