/** What users answer: what a page shows them now, or what one has shown them at any time before. */
import type { ThreadView } from 'codex-async-client/view';
import type { Random } from '../../world/random.js';
import type { ShownRequest, Users } from './users.js';

/** Whether a request must be shown now. */
export type ShownTo = 'now' | 'ever';

/** The requests that a view has. */
export function requestsOf(view: ThreadView | undefined): ShownRequest[] {
  return (view?.requests ?? []).map(({ key, params }) => ({ key, token: tokenOf(params) }));
}

/** Answers one request that was shown. */
export function answerShown(users: Users, random: Random, when: ShownTo): void {
  const shown = users.pages.flatMap((page) => (when === 'now' ? requestsOf(page.view) : page.requests));
  shown.push(...(when === 'now' ? users.handed.slice(-1) : users.handed));
  const request = random.pick(shown);
  if (request !== undefined) answerByKey(users, request);
}

/** Answers by key. The answer says what it is meant for. */
export function answerByKey(users: Users, { key, token }: ShownRequest): void {
  users.note('answers by key', { token });
  const answered = users.supervisor.respondByKey(key, { decision: 'accept', for: token });
  const watched = users.watch('write', `the answer to ${token}`, answered);
  users.answers.push({ key, token, watched, atLife: users.clients.length });
}

/** Names what is asked. */
export function tokenOf(params: unknown): string {
  const { itemId, callId } = params as { readonly itemId?: string; readonly callId?: string };
  return itemId ?? callId ?? 'nothing';
}
