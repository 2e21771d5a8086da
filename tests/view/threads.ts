/** Threads as the server tells them. */
import type { Thread } from '../../src/protocol/generated.js';
import { THREAD } from './told.js';

/** A thread without turns. */
export function thread(facts: Partial<Thread> = {}): Thread {
  return {
    id: THREAD,
    environments: null,
    extra: null,
    sessionId: THREAD,
    forkedFromId: null,
    attachedToThreadId: null,
    parentThreadId: null,
    preview: 'Hi!',
    ephemeral: false,
    section: null,
    sectionEnteredAt: null,
    projectId: null,
    historyMode: 'paginated',
    modelProvider: 'p',
    model: 'm',
    reasoningEffort: 'low',
    createdAt: 1,
    updatedAt: 1,
    recencyAt: null,
    status: { type: 'idle' },
    path: null,
    cwd: '/work',
    cliVersion: '0.169.0',
    originator: null,
    source: 'appServer',
    canAcceptDirectInput: null,
    threadSource: null,
    agentNickname: null,
    agentRole: null,
    gitInfo: null,
    name: null,
    daybreakEnabled: null,
    turns: [],
    ...facts,
  };
}
