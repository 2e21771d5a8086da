/**
 * What somebody is asked while a turn runs, as events on the span that waits for it. Owns which requests are open, and which
 * of them are approvals; who answers, and what, is not for this room.
 */
import type { Span } from '@opentelemetry/api';
import type { ServerRequest } from '../session/messages/server-message.js';
import { memberOf } from '../support/argument-checks.js';
import { CODEX } from './conventions.js';
import { hrTimeOf } from './message-clock.js';

/** What is waited for: a yes or a no, or something that is filled in. */
type WaitKind = 'approval' | 'input';

/** The requests that somebody has to decide about. What a program answers, such as a tool's call, is no wait. */
const KINDS: Readonly<Record<string, WaitKind>> = {
  'item/commandExecution/requestApproval': 'approval',
  'item/fileChange/requestApproval': 'approval',
  'item/permissions/requestApproval': 'approval',
  execCommandApproval: 'approval',
  applyPatchApproval: 'approval',
  'item/tool/requestUserInput': 'input',
  'mcpServer/elicitation/request': 'input',
};

/** Where a request belongs. */
export interface AskedAbout {
  readonly itemId: string | undefined;
  readonly mcpServer: string | undefined;
}

/** What somebody is asked, and has not answered yet. */
interface Wait {
  readonly span: Span;
  readonly kind: WaitKind;
  readonly sinceMs: number;
}

/** The open requests of one turn. */
export class OpenWaits {
  readonly #open = new Map<unknown, Wait>();

  /** What a request asks; undefined when nobody has to decide about it. */
  static kindOf(request: ServerRequest): WaitKind | undefined {
    if (!Object.hasOwn(KINDS, request.method)) return undefined;
    const isToolApproval = memberOf(memberOf(request.params, '_meta'), 'codex_approval_kind') !== undefined;
    return isToolApproval ? 'approval' : KINDS[request.method];
  }

  /** What a request is about. */
  static subjectOf({ params }: ServerRequest): AskedAbout {
    const itemId = text(memberOf(params, 'itemId')) ?? text(memberOf(params, 'callId'));
    return { itemId, mcpServer: text(memberOf(params, 'serverName')) };
  }

  /** Somebody is asked. The same request again, as after `thread/resume`, is one. */
  asked({ id, method }: ServerRequest, kind: WaitKind, span: Span, atMs: number): void {
    if (this.#open.has(id)) return;
    this.#open.set(id, { span, kind, sinceMs: atMs });
    span.addEvent(`${kind}.requested`, { [CODEX.requestMethod]: method }, hrTimeOf(atMs));
  }

  /** The request with this id is settled. */
  resolved(id: unknown, atMs: number): void {
    const wait = this.#open.get(id);
    if (wait === undefined) return;
    this.#open.delete(id);
    const waitMs = Math.max(0, atMs - wait.sinceMs);
    wait.span.addEvent(`${wait.kind}.resolved`, { [CODEX.waitMs]: waitMs }, hrTimeOf(atMs));
  }

  /** Nobody waits any more. */
  ended(): void {
    this.#open.clear();
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
