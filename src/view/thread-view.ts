/**
 * The state of one thread as plain data: what its messages have told so far. Owns the shapes and the empty one; how
 * messages change it is in `apply-message.ts`.
 *
 * Invariant: a view is JSON. It has no `undefined`, no class and no function, so that it can be sent, stored and gone on
 * with elsewhere.
 */
import type {
  ModelReroutedNotification,
  ReasoningEffort,
  RequestId,
  ServerRequests,
  ThreadGoal,
  ThreadItem,
  ThreadSettings,
  ThreadStatus,
  ThreadTokenUsage,
  TurnError,
  TurnPlanStep,
  TurnStatus,
} from '../protocol/generated.js';
import { checkViewOptions } from './view-checks.js';

/** How a view begins. */
export interface ViewOptions {
  /**
   * The server process that the messages come from, as text of your own. It is part of the keys of server requests: every
   * server process counts its ids from 0, so give each another epoch where keys outlive one. @defaultValue `'0'`
   */
  readonly epoch?: string | undefined;
}

/** How an empty view begins. */
export interface EmptyViewOptions extends ViewOptions {
  /** The thread it is of. @defaultValue the thread of the first message that changes the view */
  readonly threadId?: string | undefined;
}

/**
 * How much of an item has come; only ever moves right.
 *
 * - `partial`: the view began in the middle of it. What its deltas do not tell is empty: `''`, `[]` or `null`.
 * - `started`: its beginning has come, and the deltas since. In a turn that is over it was never finished.
 * - `completed`: it is as the server keeps it.
 */
export type ItemState = 'partial' | 'started' | 'completed';

/**
 * One item of a turn: the protocol's own item, discriminated by `type`, with what has come so far in its own members. The
 * `text` of an agent message or a plan, `summary` and `content` of reasoning, the `aggregatedOutput` of a command and the
 * `changes` of a file change grow with the deltas.
 */
export type ItemView = Readonly<ThreadItem> & {
  /** How much of it has come. */
  readonly state: ItemState;
  /** What a tool of an MCP server told last while it runs; `null` for all others, and once the item is completed. */
  readonly progress: string | null;
};

/** One turn of a thread. */
export interface TurnView {
  /** The server's id of the turn. */
  readonly id: string;
  /** `inProgress` until the server says how it ended: `completed`, `interrupted` or `failed`. */
  readonly status: TurnStatus;
  /** Why it failed; `null` while it has not. */
  readonly error: TurnError | null;
  /** The error after which the server tries once more; `null` again as soon as the turn goes on. */
  readonly retrying: TurnError | null;
  /** What was said and done, in the order in which it began. */
  readonly items: readonly ItemView[];
  /** The steps of the agent's plan, as told last; `null` when it told none. */
  readonly plan: readonly TurnPlanStep[] | null;
  /** The agent's words about its plan; `null` when it had none. */
  readonly planExplanation: string | null;
  /** All changes of the turn as one diff, as told last; `null` when none was told. */
  readonly diff: string | null;
  /** The thread's token usage, as told last in this turn; `null` when none was told. */
  readonly usage: ThreadTokenUsage | null;
  /** Another model answers than the one that was asked for; `null` when none was told of. */
  readonly reroute: ModelReroute | null;
  /** When it started, in seconds since the Unix epoch; `null` when the server has not said. */
  readonly startedAt: number | null;
  /** When it ended, in seconds since the Unix epoch; `null` when the server has not said. */
  readonly completedAt: number | null;
  /** How long it took, in milliseconds; `null` when the server has not said. */
  readonly durationMs: number | null;
}

/** Which model was asked for, which one answers, and why. */
export type ModelReroute = Readonly<Pick<ModelReroutedNotification, 'fromModel' | 'toModel' | 'reason'>>;

/** The server requests that a view has: what a turn or a tool waits for. The others ask the program for its login or the time. */
export type ThreadRequestMethod = Exclude<
  keyof ServerRequests,
  'account/chatgptAuthTokens/refresh' | 'attestation/generate' | 'currentTime/read'
>;

/** A server request that waits for an answer, discriminated by `method`. */
export type RequestView = {
  readonly [M in ThreadRequestMethod]: {
    /** Names the request, also in front of another server process: made of the view's epoch and the id. */
    readonly key: string;
    /** The server's id of the request, for `respondById`. */
    readonly id: RequestId;
    /** What is asked. */
    readonly method: M;
    /** The facts, as received. */
    readonly params: ServerRequests[M]['params'];
    /** The turn that asks; `null` when it is of none. */
    readonly turnId: string | null;
    /** The item, or the tool's call, that it is about; `null` when it is about none. */
    readonly itemId: string | null;
  };
}[ThreadRequestMethod];

/** One thread: what its messages have told. `null` is what they have not told yet, and what there is none of. */
export interface ThreadView {
  /** The thread; `null` until the first message of one. */
  readonly threadId: string | null;
  /** The server process, as given at the beginning. */
  readonly epoch: string;
  /** `closed` when the server has let go of the thread, until it goes on; `deleted` for good. */
  readonly life: 'open' | 'closed' | 'deleted';
  /** The server has taken turns back and does not say which: read the thread and begin anew with `viewOfThread`. */
  readonly isStale: boolean;
  /** Whether it is active, and what it waits for. */
  readonly status: ThreadStatus | null;
  /** The title that the user gave. */
  readonly name: string | null;
  /** The beginning of the conversation, for lists. */
  readonly preview: string | null;
  /** The thread whose agent has started this one. */
  readonly parentThreadId: string | null;
  /** Its working directory. */
  readonly cwd: string | null;
  /** The model that is configured. */
  readonly model: string | null;
  /** The provider of the model. */
  readonly modelProvider: string | null;
  /** The reasoning effort that is configured. */
  readonly reasoningEffort: ReasoningEffort | null;
  /** All settings, as told last: approvals, sandbox and more. */
  readonly settings: ThreadSettings | null;
  /** What the agent works on by itself. */
  readonly goal: ThreadGoal | null;
  /** Tokens: `total` over the thread's life, `last` of the last model call. */
  readonly usage: ThreadTokenUsage | null;
  /** The turns, in order. */
  readonly turns: readonly TurnView[];
  /** The server requests that wait for an answer, in the order in which they came. */
  readonly requests: readonly RequestView[];
}

/**
 * A view that knows nothing yet.
 *
 * @throws TypeError when an option is unknown or no text.
 */
export function emptyView(options: EmptyViewOptions = {}): ThreadView {
  checkViewOptions('emptyView', options, ['threadId', 'epoch']);
  const { threadId = null, epoch = '0' } = options;
  return {
    threadId,
    epoch,
    life: 'open',
    isStale: false,
    status: null,
    name: null,
    preview: null,
    parentThreadId: null,
    cwd: null,
    model: null,
    modelProvider: null,
    reasoningEffort: null,
    settings: null,
    goal: null,
    usage: null,
    turns: [],
    requests: [],
  };
}
