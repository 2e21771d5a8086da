/** What the conventions call things. */
import { expect, test } from 'vitest';
import { providerName } from '../../src/otel/conventions.js';

test('a provider has the name of the conventions where they have one, and else that of codex', () => {
  const names = ['openai', 'amazon-bedrock', 'amazon-bedrock-runtime', 'ollama', 'my-own'].map(providerName);
  expect(names).toEqual(['openai', 'aws.bedrock', 'aws.bedrock', 'ollama', 'my-own']);
});
