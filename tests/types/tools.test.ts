// What the type system knows of tools: what they are called with, and what they are answered with. `tsc -p
// tests/tsconfig.json` is what fails here; vitest only runs the file.
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import {
  type AsyncClient,
  defineTools,
  type RefusedToolCall,
  type ServerMessage,
  type StandardJsonSchema,
  type Supervisor,
  type ToolCall,
  type ToolCallOf,
  type ToolCalls,
  type Tools,
} from 'codex-async-client';
import * as v from 'valibot';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

/** For the type system only: the functions that use them are never run. */
declare const client: AsyncClient;
declare const supervisor: Supervisor;
declare const message: ServerMessage;

function check(_calls: () => unknown): void {}

interface City {
  name: string;
}
const ofInterface: StandardJsonSchema<City> = z.object({ name: z.string() });

const description = 'Does it.';
const tools = defineTools({
  zod: {
    description,
    input: z.object({ city: z.string(), days: z.int().default(1) }),
    output: z.object({ celsius: z.number(), unit: z.string().default('C') }),
  },
  ark: { description, input: type({ city: 'string', 'days?': 'number' }), output: type('string') },
  valibot: {
    description,
    input: toStandardJsonSchema(v.object({ city: v.string() })),
    output: v.object({ celsius: v.number() }),
  },
  plain: { description, input: { type: 'object', properties: { city: { type: 'string' } } } },
  own: { description, input: ofInterface, output: { type: 'string' } },
});

type Call = ToolCallOf<typeof tools>;
type CallOf<Name extends string> = Extract<Call, { readonly tool: Name }>;

describe('a call', () => {
  test('has the input of its schema, once its tool is known', () => {
    expectTypeOf<Call['tool']>().toEqualTypeOf<'zod' | 'ark' | 'valibot' | 'plain' | 'own'>();
    expectTypeOf<CallOf<'zod'>['input']>().toEqualTypeOf<{ city: string; days: number }>();
    expectTypeOf<CallOf<'ark'>['input']>().toEqualTypeOf<{ city: string; days?: number }>();
    expectTypeOf<CallOf<'valibot'>['input']>().toEqualTypeOf<{ city: string }>();
    expectTypeOf<CallOf<'plain'>['input']>().toEqualTypeOf<Readonly<Record<string, unknown>>>();
    expectTypeOf<CallOf<'own'>['input']>().toEqualTypeOf<City>();
    expectTypeOf<CallOf<'zod'>>().toEqualTypeOf<
      ToolCall<'zod', { city: string; days: number }, { celsius: number; unit?: string | undefined }>
    >();
  });

  test('is narrowed by a switch over its tool', () => {
    check(async () => {
      for await (const call of client.toolCalls(tools)) {
        // @ts-expect-error which tool is called is not known yet
        call.input.days;
        switch (call.tool) {
          case 'zod':
            expectTypeOf(call.input.days).toBeNumber();
            await call.respond({ celsius: call.input.days });
            // @ts-expect-error the output schema has no such answer
            await call.respond({ celsius: 'warm' });
            break;
          case 'ark':
            await call.respond('warm');
            // @ts-expect-error the output schema wants a text
            await call.respond(5);
            break;
          case 'plain':
            expectTypeOf(call.input['city']).toBeUnknown();
            await call.respond([{ type: 'inputText', text: 'warm' }]);
            await call.respond({ any: ['JSON'] });
            // @ts-expect-error undefined is no JSON
            await call.respond(undefined);
            break;
          // @ts-expect-error there is no such tool
          case 'other':
            break;
        }
      }
    });
  });

  test('by match() may have been refused, which has to be looked at', () => {
    check(async () => {
      const call = await tools.match(message);
      expectTypeOf(call).toEqualTypeOf<Call | RefusedToolCall<Call['tool']> | undefined>();
      if (call?.tool === 'zod') {
        // @ts-expect-error it may have been refused
        call.input.days;
        if (call.issues === undefined) expectTypeOf(call).toEqualTypeOf<CallOf<'zod'>>();
        else expectTypeOf(call.issues[0]?.message).toEqualTypeOf<string | undefined>();
      }
    });
  });
});

describe('tools', () => {
  test('go into a thread, and into streams, of a client and of a supervisor', () => {
    check(() => client.threadStart({ dynamicTools: tools.specs }));
    check(() => client.threadRun({ thread: { tools, cwd: '/' }, turn: 'x' }));
    check(() => supervisor.threadRun({ thread: { tools }, turn: 'x' }));
    expectTypeOf(() => client.toolCalls(tools)).returns.toEqualTypeOf<ToolCalls<Call>>();
    expectTypeOf(() => supervisor.toolCalls(tools, { threadId: 't' })).returns.toEqualTypeOf<
      ToolCalls<Call>
    >();
  });

  test('of any kind are `Tools`, so that a helper is written once', () => {
    expectTypeOf(tools).toExtend<Tools>();
    const serve = (some: Tools) => client.toolCalls(some);
    expectTypeOf(serve).returns.toEqualTypeOf<ToolCalls>();
    expectTypeOf<ToolCall['input']>().toBeUnknown();
    check(() => serve(tools));
  });

  test('are defined with a description and a schema', () => {
    check(() => {
      // @ts-expect-error it has no input
      defineTools({ a: { description } });
      // @ts-expect-error Valibot cannot say a schema by itself
      defineTools({ a: { description, input: v.object({}) } });
      // @ts-expect-error no such member
      defineTools({ a: { description, input: { type: 'object' } } }, { space: 'crm' });
    });
  });
});
