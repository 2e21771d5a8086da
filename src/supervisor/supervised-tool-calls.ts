/**
 * The calls of a set of tools over the lives of a supervisor. Owns that each life has a stream from its beginning on, so that no
 * call finds nobody, and when the whole ends; what a stream does is `tools`'s.
 */
import { watchAbort } from '../support/abort-watch.js';
import { deferred } from '../support/deferred.js';
import { type PulledStream, PullStream } from '../support/pull-stream.js';
import type { ToolCall } from '../tools/tool-call.js';
import {
  checkToolCallOptions,
  LiveToolCalls,
  type ToolCallOptions,
  type ToolCalls,
} from '../tools/tool-calls.js';
import { type ToolSet, type Tools, toolSetOf } from '../tools/tools.js';
import type { Life, Lives } from './life.js';
import { isEndOf } from './supervised-source.js';

/**
 * Opens the stream of a set's calls.
 * @throws InvalidArgumentError when an argument is bad
 */
export function supervisedToolCalls<Call extends ToolCall>(
  lives: Lives,
  tools: Tools<Call>,
  options: ToolCallOptions = {},
): ToolCalls<Call> {
  const set = toolSetOf('tools', tools);
  checkToolCallOptions(options);
  lives.living?.peer.checkHeldOptions({ maxHeldBytes: options.maxHeldBytes });
  // The calls have the types of the definitions, which only the compiler knows.
  return new SupervisedToolCalls(lives, set, options) as PulledStream<ToolCall> as ToolCalls<Call>;
}

/** The calls that come by whichever client lives. It ends with `shutdown()`, and fails once there are no more lives. */
class SupervisedToolCalls extends PullStream<ToolCall> {
  readonly #lives: Lives;
  readonly #set: ToolSet;
  readonly #options: ToolCallOptions;
  readonly #unwatchAbort: (() => void) | undefined;
  #calls: LiveToolCalls | undefined;
  /** Settles when the next life has begun, or none will. */
  #change = deferred<void>();
  /** Nobody reads any more. */
  #isOver = false;
  /** There are no more lives; why, unless it was shut down. */
  #end: { readonly failure: unknown } | undefined;

  constructor(lives: Lives, set: ToolSet, options: ToolCallOptions) {
    super();
    this.#lives = lives;
    this.#set = set;
    const { signal, ...rest } = options;
    this.#options = rest;
    if (signal?.aborted === true) void this.return();
    else {
      this.#unwatchAbort = signal === undefined ? undefined : watchAbort(signal, () => void this.return());
      void this.#openInEach();
    }
  }

  protected override async take(): Promise<ToolCall | undefined> {
    for (;;) {
      const calls = this.#calls;
      const change = this.#change.promise;
      const next = calls === undefined ? undefined : await this.#nextOf(calls);
      if (next !== undefined || this.isLeft) return next;
      if (this.#calls !== calls) continue;
      if (this.#end !== undefined) return this.#ending();
      await change;
    }
  }

  protected override leave(): void {
    this.#release();
  }

  protected override ended(): void {
    this.#release();
  }

  protected override failed(): boolean {
    return true;
  }

  /** Never rejects. */
  async #openInEach(): Promise<void> {
    try {
      while (!this.#isOver) await this.#openIn(await this.#lives.current());
    } catch (failure) {
      this.#end = { failure: this.#lives.isShutDown ? undefined : failure };
      this.#changed();
    }
  }

  async #openIn(life: Life): Promise<void> {
    if (this.#isOver) return;
    this.#calls = new LiveToolCalls(life.peer, this.#set, this.#options);
    this.#changed();
    await life.ended;
  }

  /** The next call; undefined when the stream has ended with its server, as any does. */
  async #nextOf(calls: LiveToolCalls): Promise<ToolCall | undefined> {
    try {
      return (await calls.next()).value;
    } catch (error) {
      if (isEndOf(calls.peer, error)) return undefined;
      throw error;
    }
  }

  #ending(): undefined {
    const failure = this.#end?.failure;
    if (failure !== undefined) throw failure;
    return undefined;
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = deferred();
  }

  #release(): void {
    this.#isOver = true;
    this.#unwatchAbort?.();
    void this.#calls?.return();
    this.#changed();
  }
}
