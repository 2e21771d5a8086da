/**
 * Decides which scripted reply answers a request: the first rule that matches and has a reply left,
 * else the next reply of the queue, else the default reply, else a failure that says that nobody scripted one. A reply is
 * used once, except the default and those of a repeating rule. It holds data only and knows nothing of HTTP.
 */
import {
  checkBoolean,
  checkKnownKeys,
  checkText,
  describeValue,
  rejectArgument,
} from '../../support/argument-checks.js';
import type { Gate } from './gate.js';
import type { ModelRequest } from './model-request.js';
import { checkReplies, checkReply, gatesOf } from './reply-checks.js';
import type { ReplyStep } from './reply-steps.js';

/** Which requests a rule is for. All members that are given must match; at least one must be given. */
export interface RequestMatch {
  /** The newest text of the user contains this. */
  readonly userText?: string | undefined;
  /** The request comes from this thread. */
  readonly threadId?: string | undefined;
  /** One of the newest tool outputs contains this. */
  readonly toolOutput?: string | undefined;
  /** Begin again with the first reply after the last one, instead of falling silent. @defaultValue `false` */
  readonly repeat?: boolean | undefined;
}

interface Rule {
  readonly match: RequestMatch;
  readonly replies: readonly (readonly ReplyStep[])[];
  used: number;
}

export class ReplyScript {
  readonly #defaultReply: readonly ReplyStep[] | undefined;
  readonly #rules: Rule[] = [];
  readonly #queue: (readonly ReplyStep[])[] = [];
  readonly #gates = new Set<Gate>();

  /** @param defaultReply - undefined: a request that nobody scripted fails its turn */
  constructor(defaultReply: unknown) {
    if (defaultReply === undefined) return;
    [this.#defaultReply] = this.#withGates([checkReply('options.defaultReply', defaultReply)]);
  }

  /** How many replies wait in the queue. */
  get queued(): number {
    return this.#queue.length;
  }

  enqueue(argument: string, replies: readonly unknown[]): void {
    this.#queue.push(...this.#withGates(checkReplies(argument, replies)));
  }

  addRule(match: RequestMatch, replies: readonly unknown[]): void {
    checkMatch(match);
    if (replies.length === 0) rejectArgument('replies', replies, 'one or more replies after the match');
    this.#rules.push({
      match: { ...match },
      replies: this.#withGates(checkReplies('replies', replies)),
      used: 0,
    });
  }

  replyTo(request: ModelRequest): readonly ReplyStep[] {
    const rule = this.#rules.find((candidate) => hasReply(candidate) && matches(candidate.match, request));
    if (rule === undefined) return this.#queue.shift() ?? this.#defaultReply ?? [unscripted(request)];
    const reply = rule.replies[rule.used % rule.replies.length];
    rule.used += 1;
    return reply ?? [];
  }

  /** Opens every gate of every reply that was scripted so far. */
  openGates(): void {
    for (const gate of this.#gates) gate.open();
    this.#gates.clear();
  }

  #withGates(replies: (readonly ReplyStep[])[]): (readonly ReplyStep[])[] {
    for (const gate of replies.flatMap(gatesOf)) this.#gates.add(gate);
    return replies;
  }
}

/** The failure whose message codex hands on as it is, without a retry. */
function unscripted({ index, userText, toolOutputs }: ModelRequest): ReplyStep {
  const after = toolOutputs.length === 0 ? '' : ', after the output of a tool';
  const message = `nobody scripted this turn: the local model provider has no reply to request ${index}, ${describeValue(userText)}${after}; add one with enqueue() or when(), or give a defaultReply such as echo()`;
  return { type: 'failure', code: 'invalid_prompt', message };
}

function hasReply(rule: Rule): boolean {
  return rule.match.repeat === true || rule.used < rule.replies.length;
}

function matches(match: RequestMatch, request: ModelRequest): boolean {
  const { userText, threadId, toolOutput } = match;
  if (userText !== undefined && !request.userText.includes(userText)) return false;
  if (threadId !== undefined && request.threadId !== threadId) return false;
  return toolOutput === undefined || request.toolOutputs.some((output) => output.text.includes(toolOutput));
}

function checkMatch(match: unknown): asserts match is RequestMatch {
  const conditions = ['userText', 'threadId', 'toolOutput'] as const;
  checkKnownKeys('match', match, [...conditions, 'repeat']);
  const fields = { ...(match as RequestMatch) }; // an object with known names only, after the check above
  for (const name of conditions) checkText(`match.${name}`, fields[name]);
  checkBoolean('match.repeat', fields.repeat);
  if (conditions.every((name) => fields[name] === undefined))
    rejectArgument('match', match, 'at least one of userText, threadId, toolOutput');
}
