/**
 * The calls of a set of tools, as a stream. Owns what comes here, that what is handed out has an input that fits, and that no
 * turn waits for a loop that was left: what it has not answered is refused then.
 *
 * The invariant: of each call that comes here, once the stream is left, nobody waits for this stream to answer it.
 */
import type { ServerRequest } from '../session/messages/server-message.js';
import type { Peer } from '../session/peer.js';
import { checkMaxHeldBytes, type HeldOptions } from '../session/streams/held-options.js';
import type { OpenStream, StreamClaim } from '../session/streams/open-stream.js';
import { FILTER_WEIGHT, PRECEDENCE, REQUEST_GROUP } from '../session/streams/precedence.js';
import { watchAbort } from '../support/abort-watch.js';
import { checkKnownKeys, checkSignal, checkText } from '../support/argument-checks.js';
import { type Deferred, deferred } from '../support/deferred.js';
import { type PulledStream, PullStream } from '../support/pull-stream.js';
import { HandedOut, refuseLeft } from './handed-out.js';
import type { RefusedToolCall, ToolCall, ToolRequest } from './tool-call.js';
import { type ToolSet, type Tools, toolSetOf } from './tools.js';

/** Options of `AsyncClient.toolCalls`. */
export interface ToolCallOptions extends Pick<HeldOptions, 'maxHeldBytes'> {
  /** Only calls of this thread. Sub-agents are threads of their own. @defaultValue every thread */
  readonly threadId?: string | undefined;
  /** Aborting leaves the stream as `break` does. One that has fired before takes nothing. */
  readonly signal?: AbortSignal | undefined;
  /** What `stats()` calls the stream. @defaultValue the names of its tools */
  readonly name?: string | undefined;
}

/**
 * Calls of tools in the order in which they came, each handed out once, with an input that its schema let through. One whose
 * arguments do not fit is answered with what is wrong with them, and is not among them; nor is one that went stale before it was handed out.
 * Answer each, in any order and at any time while its turn waits.
 *
 * Leaving (`break`, `return()`, aborting the `signal`, `await using`, an error of the stream) refuses every call that was handed
 * out and is not answered; calls that are unread go to whoever would get them next, or are refused where nobody would. It ends
 * with the client, and throws `ServerClosedError` where the server went by itself.
 */
export interface ToolCalls<Call extends ToolCall = ToolCall> extends PulledStream<Call> {}

/** @throws InvalidArgumentError when an option is unknown or has a value that cannot work @internal */
export function checkToolCallOptions(options: ToolCallOptions): void {
  checkKnownKeys('options', options, ['threadId', 'signal', 'name', 'maxHeldBytes']);
  checkText('options.threadId', options.threadId);
  checkText('options.name', options.name);
  checkSignal('options.signal', options.signal);
  checkMaxHeldBytes(options.maxHeldBytes);
}

/**
 * Opens the stream of a set's calls.
 * @throws InvalidArgumentError when an argument is bad
 * @internal
 */
export function toolCalls<Call extends ToolCall>(
  peer: Peer,
  tools: Tools<Call>,
  options: ToolCallOptions = {},
): ToolCalls<Call> {
  const set = toolSetOf('tools', tools);
  checkToolCallOptions(options);
  peer.checkHeldOptions({ maxHeldBytes: options.maxHeldBytes });
  // The calls have the types of the definitions, which only the compiler knows.
  return new LiveToolCalls(peer, set, options) as PulledStream<ToolCall> as ToolCalls<Call>;
}

/** The calls that come by one client. @internal */
export class LiveToolCalls extends PullStream<ToolCall> implements ToolCalls {
  readonly peer: Peer;
  readonly #set: ToolSet;
  readonly #handedOut: HandedOut;
  /** Ends the wait for the schema of the call that was taken last, which may take its time, or for ever. */
  #checking: Deferred<undefined> | undefined;
  /** Undefined when the signal had fired before it was opened. */
  readonly #stream: OpenStream | undefined;
  readonly #unwatchAbort: (() => void) | undefined;

  constructor(peer: Peer, set: ToolSet, options: ToolCallOptions) {
    super();
    this.peer = peer;
    this.#set = set;
    this.#handedOut = new HandedOut(peer.asked);
    const { signal } = options;
    if (signal?.aborted === true) {
      void this.return();
      return;
    }
    this.#unwatchAbort = signal === undefined ? undefined : watchAbort(signal, () => void this.return());
    this.#stream = peer.open(claimOf(set, options), { takesUnread: true });
  }

  protected override async take(): Promise<ToolCall | undefined> {
    for (;;) {
      const message = await this.#stream?.take(undefined, this);
      if (message === undefined) return undefined;
      // Its claim takes nothing but calls.
      const request = message as ToolRequest;
      if (!this.peer.asked.isOpen(request) || this.#handedOut.has(request)) continue;
      // From here on nobody else answers it, also while its schema takes its time.
      this.#handedOut.add(request);
      const call = this.isLeft ? undefined : await this.#match(request);
      if (this.isLeft) {
        // It may have been on its way when the loop was left.
        this.#handedOut.refuseAll();
        return undefined;
      }
      // One that was answered meanwhile, as by a reader of a tap, would be run for nobody.
      if (call !== undefined && call.issues === undefined && this.peer.asked.isOpen(request)) return call;
    }
  }

  protected override leave(): void {
    this.#stream?.rejectReader(RELEASED, this);
    this.#release();
  }

  protected override ended(): void {
    this.#release();
  }

  protected override failed(): boolean {
    return true;
  }

  /** The call in hand; undefined when it is not waited for any more before its schema has checked it, or the loop is left. */
  #match(request: ToolRequest): Promise<ToolCall | RefusedToolCall | undefined> {
    const checking = deferred<undefined>();
    this.#checking = checking;
    watchAbort(this.peer.asked.withdrawalOf(request), () => checking.resolve(undefined));
    return Promise.race([this.#set.match(request), checking.promise]);
  }

  #release(): void {
    this.#unwatchAbort?.();
    this.#stream?.close();
    this.#handedOut.refuseAll();
    this.#checking?.resolve(undefined);
  }
}

/** Rejects a waiting read when its stream is released; never leaves this file. */
const RELEASED = new Error('released');

function claimOf(set: ToolSet, { threadId, maxHeldBytes, name }: ToolCallOptions): StreamClaim {
  const refused = (request: ServerRequest) => refuseLeft(request as ToolRequest);
  return {
    keys: { tools: set.keys, threadId },
    precedence: PRECEDENCE.toolCalls + (threadId === undefined ? 0 : FILTER_WEIGHT.threadId),
    requestGroup: REQUEST_GROUP.called,
    refuses: refused,
    refusesUnread: true,
    name: name ?? `toolCalls(${set.keys.join(', ')})`,
    maxHeldBytes,
  };
}
