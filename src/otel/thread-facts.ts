/**
 * What is known of threads beside their turns: the model, the provider, and whose sub-agent one is. Owns how long it is kept:
 * until the server lets go of the thread, and for a bounded number of them.
 */
import type { Thread, TokenUsageBreakdown } from '../protocol/generated.js';
import type { ItemOf } from '../runs/turn/turn-result.js';
import type { ServerNotification } from '../session/messages/server-message.js';

/** What is known of one thread. */
export interface ThreadFacts {
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  /** The name of a sub-agent. */
  readonly agentName?: string | undefined;
  /** The thread whose agent has started this one. */
  readonly parentThreadId?: string | undefined;
  /** All names of the turn that was over last: what comes late of it begins nothing. */
  readonly lastTurnIds?: readonly string[] | undefined;
  /** What the thread has used so far. */
  readonly total?: TokenUsageBreakdown | undefined;
}

/** How many threads are remembered, about 500 bytes each; of those forgotten the model is not known. */
const MAX_THREADS = 10_000;

const NOTHING: ThreadFacts = {};

/** What is known of threads, by their ids. */
export class KnownThreads {
  readonly #facts = new Map<string, ThreadFacts>();

  /** What is known of a thread. */
  of(threadId: string): ThreadFacts {
    return this.#facts.get(threadId) ?? NOTHING;
  }

  /** Adds to what is known of a thread; what is undefined was not told. */
  add(threadId: string, facts: ThreadFacts): void {
    const known = this.of(threadId);
    // The one that was added to last stands last, so that the first is the one to forget.
    this.#facts.delete(threadId);
    this.#facts.set(threadId, { ...known, ...told(facts) });
    if (this.#facts.size <= MAX_THREADS) return;
    const [oldest] = this.#facts.keys();
    if (oldest !== undefined) this.#facts.delete(oldest);
  }

  /** Notes what a message tells of a thread. */
  learn(message: ServerNotification): void {
    switch (message.method) {
      case 'thread/started':
        this.addThread(message.params.thread);
        break;
      case 'thread/settings/updated': {
        const { threadId, threadSettings } = message.params;
        this.add(threadId, { model: threadSettings.model, provider: threadSettings.modelProvider });
        break;
      }
      case 'thread/tokenUsage/updated':
        this.add(message.params.threadId, { total: message.params.tokenUsage.total });
        break;
      case 'thread/closed':
      case 'thread/deleted':
        this.#facts.delete(message.params.threadId);
        break;
      case 'item/completed': {
        const { item, threadId } = message.params;
        if (item.type === 'collabAgentToolCall' && item.tool === 'spawnAgent') this.#spawned(threadId, item);
      }
    }
  }

  /** Notes what the server tells of a thread as a whole. */
  addThread({ id, model, modelProvider, agentNickname, agentRole, parentThreadId }: Thread): void {
    this.add(id, {
      model: model ?? undefined,
      provider: modelProvider ?? undefined,
      agentName: agentNickname ?? agentRole ?? undefined,
      parentThreadId: parentThreadId ?? undefined,
    });
  }

  /** A sub-agent has the provider of its parent; nothing else may tell of its thread. */
  #spawned(parentThreadId: string, { receiverThreadIds, model }: ItemOf<'collabAgentToolCall'>): void {
    const { provider } = this.of(parentThreadId);
    for (const child of receiverThreadIds)
      this.add(child, { parentThreadId, provider, model: model || undefined });
  }
}

/** What was told, without what was not. */
function told(facts: ThreadFacts): ThreadFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
