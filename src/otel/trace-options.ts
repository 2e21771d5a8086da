/** The options of traces, and their checks. */
import { type Context, context, type Tracer, trace } from '@opentelemetry/api';
import {
  checkBoolean,
  checkKnownKeys,
  checkText,
  memberOf,
  rejectArgument,
} from '../support/argument-checks.js';
import { SCHEMA_URL } from './conventions.js';
import type { ConversationSettings } from './conversation-spans.js';

/** The name that the default tracer has. */
const TRACER_NAME = 'codex-async-client';

/** What spans hold, and where they go. */
export interface TraceOptions {
  /** The context whose span is the parent of the turns. @defaultValue the one that is active at the call */
  readonly parent?: Context | undefined;
  /** Makes the spans. @defaultValue the tracer `codex-async-client` of the global provider */
  readonly tracer?: Tracer | undefined;
  /**
   * Spans hold prompts, answers, arguments and results of tools, command lines and the texts of errors: whatever users and
   * the model say, with the secrets in it. Without it they hold names, ids, counts and times.
   *
   * @defaultValue false
   */
  readonly content?: boolean | undefined;
  /**
   * The model of threads of which no message tells it; a turn's own messages do not, the answers to `thread/start` and
   * `thread/resume` do.
   *
   * @defaultValue none is named
   */
  readonly model?: string | undefined;
  /** The provider of the model, where no message tells of it. @defaultValue `'openai'` */
  readonly provider?: string | undefined;
}

const OPTION_NAMES = [
  'parent',
  'tracer',
  'content',
  'model',
  'provider',
] as const satisfies readonly (keyof TraceOptions)[];

/** @throws InvalidArgumentError when an option is unknown or has a value that cannot work */
export function checkTraceOptions(options: TraceOptions, more: readonly string[] = []): void {
  checkKnownKeys('options', options, [...OPTION_NAMES, ...more]);
  const { parent, tracer, content, model, provider } = options;
  if (parent !== undefined && typeof memberOf(parent, 'getValue') !== 'function')
    rejectArgument(
      'options.parent',
      parent,
      'a context of @opentelemetry/api, such as trace.setSpan() gives',
    );
  if (tracer !== undefined && typeof memberOf(tracer, 'startSpan') !== 'function')
    rejectArgument('options.tracer', tracer, 'a tracer of @opentelemetry/api');
  checkBoolean('options.content', content);
  checkText('options.model', model);
  checkText('options.provider', provider);
}

/** How the spans are made. */
export function settingsOf({
  parent,
  tracer,
  content = false,
  model,
  provider,
}: TraceOptions): ConversationSettings {
  return {
    tracer: tracer ?? trace.getTracerProvider().getTracer(TRACER_NAME, undefined, { schemaUrl: SCHEMA_URL }),
    content,
    parent: parent ?? context.active(),
    assumed: { model, provider },
  };
}
