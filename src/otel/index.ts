/**
 * The entry point `codex-async-client/otel`: spans by the conventions of OpenTelemetry for generative AI. It needs the package
 * `@opentelemetry/api`, which nothing else of this package loads. Every export is named here on purpose.
 */
export { SEMANTIC_CONVENTIONS_VERSION } from './conventions.js';
export { type TraceAllOptions, type TraceableClient, traceAll } from './trace-all.js';
export { traceContextOf } from './trace-context.js';
export type { TraceOptions } from './trace-options.js';
export { type TraceableRun, traced } from './traced.js';
