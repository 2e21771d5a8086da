/** Spans that the real SDK has made and exported, and the tree of them as text. */
import type { Attributes, HrTime, Tracer } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** The time at which the conversations of these tests begin, in milliseconds: long before this process did. */
export const T0 = 1_767_225_600_000;

/** A tracer, and what came out of it. */
export class RecordedSpans {
  /** How many spans have begun. */
  started = 0;
  readonly #exporter = new InMemorySpanExporter();
  readonly #provider = new BasicTracerProvider({
    spanProcessors: [
      new SimpleSpanProcessor(this.#exporter),
      {
        onStart: () => {
          this.started += 1;
        },
        onEnd: () => {},
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  readonly tracer: Tracer = this.#provider.getTracer('test');

  /** Every span that has ended, in the order of their ends. */
  get ended(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  /** The only span of a name. */
  named(name: string): ReadableSpan {
    const [span, ...others] = this.ended.filter((ended) => ended.name === name);
    if (span === undefined || others.length > 0) throw new Error(`${name}: ${others.length} more, or none`);
    return span;
  }

  /** The attributes of the only span of a name. */
  attributesOf(name: string): Attributes {
    return this.named(name).attributes;
  }

  /** The tree as lines; each child under its parent, in the order of their starts, events with a `*`. */
  tree(times: 'with times' | 'without times' = 'without times'): string[] {
    const ids = new Set(this.ended.map((span) => span.spanContext().spanId));
    const roots = this.ended.filter(({ parentSpanContext: parent }) => !ids.has(parent?.spanId ?? ''));
    return roots.flatMap((span) => this.#lines(span, '', times === 'with times'));
  }

  #lines(span: ReadableSpan, indent: string, hasTimes: boolean): string[] {
    const time = hasTimes ? ` ${msOf(span.startTime)}-${msOf(span.endTime)}` : '';
    const { 'codex.unfinished': unfinished, 'codex.turn.status': status } = span.attributes;
    const marks = [status, unfinished && `unfinished: ${unfinished}`, errorOf(span)].filter(Boolean);
    const children = this.ended
      .filter(({ parentSpanContext: parent }) => parent?.spanId === span.spanContext().spanId)
      .sort((one, other) => msOf(one.startTime) - msOf(other.startTime));
    return [
      `${indent}${span.name}${time}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`,
      ...span.events.map(({ name, time: at }) => `${indent}  * ${name}${hasTimes ? ` ${msOf(at)}` : ''}`),
      ...children.flatMap((child) => this.#lines(child, `${indent}  `, hasTimes)),
    ];
  }
}

/** Milliseconds since {@link T0}. */
function msOf([seconds, nanos]: HrTime): number {
  return seconds * 1_000 + nanos / 1_000_000 - T0;
}

function errorOf({ status, attributes }: ReadableSpan): string | undefined {
  return status.code === 2 ? `ERROR ${attributes['error.type']}` : undefined;
}
