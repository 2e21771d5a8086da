/**
 * Spans that cannot harm who is traced: a tracer or an exporter of the user's that throws is told to OpenTelemetry's own
 * diagnostics, and the conversation goes on.
 */
import { diag } from '@opentelemetry/api';

/** Does something with spans. */
export function guarded(act: () => void): void {
  try {
    act();
  } catch (error) {
    diag.error('codex-async-client/otel: a span could not be made', error);
  }
}
