/** Structured output on the real server: what the model is asked for, and what its answer comes to. */
import { text } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { codexWithModel } from './codex-with-model.js';

describe('a turn run', () => {
  test('gives structured output with the type of its schema, which the model gets in strict form', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(text('{"city":', '"Paris","country":null}'));
    const outputSchema = z.object({ city: z.string(), country: z.string().optional() });
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: 'where?', outputSchema });
    const { output } = await run.result();
    expect(output?.city).toBe('Paris');
    expect(output).toEqual({ city: 'Paris' });
    expect(codex.provider.requests[0]?.body.text?.format).toMatchObject({
      type: 'json_schema',
      strict: true,
      schema: {
        properties: { city: { type: 'string' }, country: { type: ['string', 'null'] } },
        required: ['city', 'country'],
        additionalProperties: false,
      },
    });
  });

  test('sends a JSON Schema that is strict already as it is, with its $schema', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(text('{"city":"Paris"}'));
    const outputSchema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    } as const;
    const run = codex.client.threadRun({ turn: { input: 'where?', outputSchema } });
    expect((await run.result()).output).toEqual({ city: 'Paris' });
    expect(codex.provider.requests[0]?.body.text?.format).toMatchObject({ schema: outputSchema });
  });

  test('rejects the result of an answer that does not fit its schema, and the thread goes on', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(text('Paris, I think.'), text('{"city":"Paris"}'));
    const threadId = await codex.newThread();
    const ask = () =>
      codex.client.turnRun({ threadId, input: 'where?', outputSchema: z.object({ city: z.string() }) });
    await expect(ask().result()).rejects.toMatchObject({
      code: 'CODEX_OUTPUT_MISMATCH',
      text: 'Paris, I think.',
      result: { status: 'completed', usage: { last: expect.anything() } },
    });
    expect((await ask().result()).output).toEqual({ city: 'Paris' });
  });
});
