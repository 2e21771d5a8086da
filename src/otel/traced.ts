/**
 * A run with spans. Owns that every message passes as it is, at the pace of its reader, and that the spans end however the
 * reading does; the run stays the user's.
 */
import type { ThreadStartResponse } from '../protocol/generated.js';
import type { Run } from '../runs/turn/run.js';
import type { ServerMessage } from '../session/messages/server-message.js';
import { memberOf, rejectArgument } from '../support/argument-checks.js';
import { type PulledStream, PullStream } from '../support/pull-stream.js';
import { ConversationSpans } from './conversation-spans.js';
import { guarded } from './guarded-spans.js';
import { checkTraceOptions, settingsOf, type TraceOptions } from './trace-options.js';

/** A run whose messages can be read. */
export interface TraceableRun extends Pick<Run, 'next' | 'return' | 'threadId'> {
  /** The whole answer to `thread/start`, of a run that has one: the model and its provider. */
  readonly thread?: ThreadStartResponse | undefined;
}

/** The messages of a run, on their way through. */
class TracedRun extends PullStream<ServerMessage> {
  readonly #run: TraceableRun;
  readonly #spans: ConversationSpans;
  /** When it was read first. */
  #beganMs: number | undefined;
  #hasThread = false;

  constructor(run: TraceableRun, options: TraceOptions) {
    super();
    this.#run = run;
    this.#spans = new ConversationSpans(settingsOf(options));
  }

  protected override async take(): Promise<ServerMessage | undefined> {
    this.#beganMs ??= Date.now();
    const beganMs = this.#beganMs;
    try {
      const { done, value } = await this.#run.next();
      if (done === true) return undefined;
      // Left in the meantime: its spans have ended, and nothing would end another.
      if (!this.isLeft) guarded(() => this.#see(value));
      return value;
    } catch (error) {
      if (!this.isLeft) guarded(() => this.#fail(error, beganMs));
      throw error;
    }
  }

  protected override leave(): void {
    guarded(() => this.#spans.end('left'));
    // It never rejects.
    void this.#run.return();
  }

  protected override ended(): void {
    guarded(() => this.#spans.end('lost'));
  }

  #see(message: ServerMessage): void {
    const { thread } = this.#run;
    if (!this.#hasThread && thread !== undefined) {
      this.#hasThread = true;
      this.#spans.threads.addThread(thread.thread);
      this.#spans.threads.add(thread.thread.id, { model: thread.model, provider: thread.modelProvider });
    }
    this.#spans.see(message);
  }

  #fail(error: unknown, beganMs: number): void {
    this.#spans.fail(this.#run.threadId ?? '', beganMs, error);
  }
}

/**
 * The messages of a run, each as it is, with spans on the way:
 * `for await (const message of traced(client.turnRun(params)))`. A turn is a span `invoke_agent`, under the span that is active
 * at the call, with a span `chat` for each model call and `execute_tool` for each tool; their times are the server's where it
 * tells them. Leaving it leaves the run; errors of the run pass, and end the spans with status `ERROR`. What is not read has
 * no spans: of a run that `result()` reads, `traceAll` tells. Reading it is reading the run, so use the run itself for all
 * else: `result()`, `steer()`, `interrupt()`.
 *
 * @param run - a run of a turn, of a thread, of a review, or of a goal, whose turns each have a tree. Only a thread's run tells
 * of its model, so give that of the others as `model`. With `includeSubagents` the turns of sub-agents have spans, too
 * @throws InvalidArgumentError when an argument cannot work; nothing was read
 */
export function traced(run: TraceableRun, options: TraceOptions = {}): PulledStream<ServerMessage> {
  if (typeof memberOf(run, 'next') !== 'function' || typeof memberOf(run, 'return') !== 'function')
    rejectArgument('run', run, 'a run, such as that of client.turnRun()');
  checkTraceOptions(options);
  return new TracedRun(run, options);
}
