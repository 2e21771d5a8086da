/** The provider's HTTP side, asked without codex. */
import type { LocalModelProvider } from 'codex-async-client/testing';
import { expect } from 'vitest';

/** What a user wrote, as codex sends it. */
export const user = (content: string) => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text: content }],
});

/** Asks for a reply. */
export function ask(
  provider: LocalModelProvider,
  body: unknown,
  signal: AbortSignal | null = null,
): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${provider.baseUrl}/responses`, { method: 'POST', body: text, signal });
}

/** The events of a reply, in order. */
export async function eventsOf(response: Response): Promise<Record<string, unknown>[]> {
  const frames = (await response.text()).split('\n\n').filter((frame) => frame !== '');
  return frames.map((frame) => {
    const [name, data] = frame.split('\n');
    const event = JSON.parse(data?.slice('data: '.length) ?? '');
    expect(name).toBe(`event: ${event.type}`);
    return event;
  });
}

/** The body of a request that says hello. */
export const hello = { model: 'm', input: [user('hello')] };
