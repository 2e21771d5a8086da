// What the type system knows of outputs: which schemas are taken, and which type a result has. `tsc -p tests/tsconfig.json`
// is what fails here; vitest only runs the file.
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import type {
  AsyncClient,
  JsonSchema,
  OutputSchema,
  StandardJsonSchema,
  ThreadRun,
  ThreadRunResult,
  TurnResult,
  TurnRun,
  TurnRunParams,
} from 'codex-async-client';
import * as v from 'valibot';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';

/** A client for the type system only: the functions that use it are never run. */
declare const client: AsyncClient;

declare const typedParams: TurnRunParams<StandardJsonSchema<Poem>>;
declare const isAsked: boolean;

function check(_calls: () => unknown): void {}

interface Poem {
  title: string;
  lines?: number | undefined;
}
const ZodPoem = z.object({ title: z.string(), lines: z.int().optional() });
const MiniPoem = mini.object({ title: mini.string(), lines: mini.optional(mini.int()) });
const ArkPoem = type({ title: 'string', 'lines?': 'number.integer | undefined' });
const BarePoem = v.object({ title: v.string(), lines: v.optional(v.number()) });

const literal = {
  type: 'object',
  properties: { title: { type: 'string' }, kinds: { type: 'array', items: { enum: ['a', 'b'] } } },
  required: ['title'],
} as const;

interface PoemSchema {
  readonly type: 'object';
  readonly properties: { readonly title: { readonly type: 'string' } };
}

describe('a schema of a library', () => {
  test('gives the output its type', () => {
    check(() => {
      const typed = client.turnRun({ threadId: 't', input: 'x', outputSchema: ZodPoem });
      expectTypeOf(typed).toEqualTypeOf<TurnRun<Poem>>();
      expectTypeOf(typed.result()).resolves.toEqualTypeOf<TurnResult<Poem>>();
      expectTypeOf(
        client.turnRun({ threadId: 't', input: 'x', outputSchema: z.toJSONSchema(MiniPoem) }).result(),
      ).resolves.toEqualTypeOf<TurnResult<Poem>>();
      expectTypeOf(
        client.turnRun({ threadId: 't', input: 'x', outputSchema: ArkPoem }).result(),
      ).resolves.toEqualTypeOf<TurnResult<Poem>>();
      const valibot = toStandardJsonSchema(BarePoem);
      expectTypeOf(
        client.turnRun({ threadId: 't', input: 'x', outputSchema: valibot }).result(),
      ).resolves.toEqualTypeOf<TurnResult<Poem>>();
      expectTypeOf(
        client.turnRun({ threadId: 't', input: 'x', outputSchema: z.toJSONSchema(ZodPoem) }).result(),
      ).resolves.toEqualTypeOf<TurnResult<Poem>>();
    });
  });

  test('gives it that of what the schema makes of the answer', () => {
    check(async () => {
      const Lengths = z.object({ title: z.string().transform((title) => title.length) });
      const { output } = await client.thread('t').run({ input: 'x', outputSchema: Lengths }).result();
      expectTypeOf(output).toEqualTypeOf<{ title: number } | undefined>();
    });
  });

  test('works for threads and their handles alike', () => {
    check(() => {
      const turn = { input: 'x', outputSchema: ZodPoem };
      expectTypeOf(client.threadRun({ turn })).toEqualTypeOf<ThreadRun<Poem>>();
      expectTypeOf(client.threadRun({ turn }).result()).resolves.toEqualTypeOf<ThreadRunResult<Poem>>();
      expectTypeOf(client.thread('t').run(turn)).toEqualTypeOf<TurnRun<Poem>>();
    });
  });

  test('is narrowed by the status', () => {
    check(async () => {
      const result = await client.threadRun({ turn: { input: 'x', outputSchema: ZodPoem } }).result();
      if (result.status === 'completed') expectTypeOf(result.output).toEqualTypeOf<Poem>();
      else expectTypeOf(result.output).toEqualTypeOf<undefined>();
      expectTypeOf(result.threadId).toEqualTypeOf<string>();
      expectTypeOf(result.output?.title).toEqualTypeOf<string | undefined>();
    });
  });

  test('can be handed on by a function', () => {
    check(() => {
      const ask = <Output>(outputSchema: StandardJsonSchema<Output>) =>
        client.turnRun({ threadId: 't', input: 'x', outputSchema });
      expectTypeOf(ask(ZodPoem)).toEqualTypeOf<TurnRun<Poem>>();
      const run = (params: TurnRunParams) => client.turnRun(params);
      expectTypeOf(run).returns.toEqualTypeOf<TurnRun>();
      expectTypeOf<TurnRun<Poem>>().toExtend<TurnRun>();
      expectTypeOf<TurnResult<Poem>>().toExtend<TurnResult>();
    });
  });

  test('gives none that may not be there: a schema that can be missing leaves the output unknown', () => {
    check(() => {
      const outputSchema = isAsked ? ZodPoem : undefined;
      expectTypeOf(client.turnRun({ threadId: 't', input: 'x', outputSchema })).toEqualTypeOf<TurnRun>();
      expectTypeOf(client.threadRun({ turn: { input: 'x', outputSchema } })).toEqualTypeOf<ThreadRun>();
      expectTypeOf(
        client.thread('t').run({ input: 'x', outputSchema: isAsked ? ZodPoem : null }),
      ).toEqualTypeOf<TurnRun>();
      const turn = isAsked ? 'x' : { input: 'x', outputSchema: ZodPoem };
      expectTypeOf(client.threadRun({ turn })).toEqualTypeOf<ThreadRun>();
      expectTypeOf(client.thread('t').run(turn)).toEqualTypeOf<TurnRun>();
      expectTypeOf(
        client.turnRun({ threadId: 't', input: 'x', outputSchema: isAsked ? ZodPoem : literal }),
      ).toEqualTypeOf<TurnRun>();
    });
  });

  test('is among the params that are typed with it', () => {
    check(() => {
      expectTypeOf(typedParams.outputSchema).toEqualTypeOf<StandardJsonSchema<Poem>>();
      expectTypeOf(client.turnRun(typedParams)).toEqualTypeOf<TurnRun<Poem>>();
      expectTypeOf<TurnRunParams<StandardJsonSchema<Poem>>>().toExtend<TurnRunParams>();
    });
  });

  test('that cannot say itself is refused', () => {
    check(() => {
      // @ts-expect-error it has no JSON Schema
      client.turnRun({ threadId: 't', input: 'x', outputSchema: BarePoem });
      // @ts-expect-error nor has one of zod/mini
      client.turnRun({ threadId: 't', input: 'x', outputSchema: MiniPoem });
      // @ts-expect-error it is no better for a thread
      client.threadRun({ turn: { input: 'x', outputSchema: BarePoem } });
    });
  });
});

describe('a JSON Schema', () => {
  test('is taken however it is typed, and leaves the output unknown', () => {
    check(() => {
      const schemas = {
        literal,
        written: {} as PoemSchema,
        record: {} as Record<string, unknown>,
        frozen: Object.freeze({ type: 'object', properties: {} }),
      };
      const input = 'x';
      for (const outputSchema of Object.values(schemas))
        client.turnRun({ threadId: 't', input, outputSchema });
      expectTypeOf(client.turnRun({ threadId: 't', input, outputSchema: literal })).toEqualTypeOf<TurnRun>();
      client.turnRun({ threadId: 't', input, outputSchema: { type: 'object', properties: {} } });
      client.turnRun({ threadId: 't', input, outputSchema: { type: 'object', properties: {} } as const });
      client.threadRun({ turn: { input, outputSchema: { type: 'object', properties: {} } } });
      client.thread('t').run({ input, outputSchema: { type: 'object', properties: {} } });
      client.turnRun({ threadId: 't', input, outputSchema: schemas.written });
      client.turnRun({ threadId: 't', input, outputSchema: schemas.record });
      client.threadRun({ turn: { input, outputSchema: schemas.written } });
      client.thread('t').run({ input, outputSchema: literal });
      expectTypeOf<PoemSchema>().toExtend<JsonSchema>();
      expectTypeOf<typeof ZodPoem>().toExtend<OutputSchema>();
    });
  });

  test('is an object', () => {
    check(() => {
      // @ts-expect-error a text is no schema
      client.turnRun({ threadId: 't', input: 'x', outputSchema: 'object' });
    });
  });

  test('may be left out', () => {
    check(() => {
      expectTypeOf(client.turnRun({ threadId: 't', input: 'x' })).toEqualTypeOf<TurnRun>();
      expectTypeOf(
        client.turnRun({ threadId: 't', input: 'x', outputSchema: null }),
      ).toEqualTypeOf<TurnRun>();
      expectTypeOf(client.threadRun({ turn: 'x' })).toEqualTypeOf<ThreadRun>();
      expectTypeOf(client.thread('t').run(['x'])).toEqualTypeOf<TurnRun>();
      // @ts-expect-error no such param
      client.turnRun({ threadId: 't', input: 'x', outputSchem: literal });
    });
  });
});
