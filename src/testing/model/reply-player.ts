/**
 * Plays one scripted reply: turns its steps into events of the Responses API, in order, and writes them
 * at the speed at which codex reads. It stops, without an error, as soon as the connection is gone.
 */
import type { ServerResponse } from 'node:http';
import { EventStreamWriter } from './event-stream-writer.js';
import { Gate } from './gate.js';
import type { OpenModelRequest, ReplyOutcome } from './model-request.js';
import { endsReply } from './reply-checks.js';
import type {
  DisconnectStep,
  HttpErrorStep,
  ReasoningStep,
  ReplyStep,
  TextPiece,
  TextStep,
  UsageStep,
} from './reply-steps.js';
import { eventFrame, type OutputItem, type ResponseEvent, tokenUsage } from './responses-events.js';

/** A step of a reply that is a stream; an HTTP error is answered before a stream begins. */
export type StreamStep = Exclude<ReplyStep, HttpErrorStep>;

/** Plays `steps` as the answer to `open`; settles with the outcome, and never rejects for a lost connection. */
export async function playReply(
  steps: readonly StreamStep[],
  open: OpenModelRequest,
  response: ServerResponse,
  defaultUsage: UsageStep,
): Promise<ReplyOutcome> {
  return new ReplyPlayer(open, response, defaultUsage).play(steps);
}

class ReplyPlayer {
  readonly #open: OpenModelRequest;
  readonly #writer: EventStreamWriter;
  readonly #responseId: string;
  #usage: UsageStep;
  #outputIndex = 0;

  constructor(open: OpenModelRequest, response: ServerResponse, defaultUsage: UsageStep) {
    this.#open = open;
    this.#writer = new EventStreamWriter(response);
    this.#responseId = `resp_${open.request.index}`;
    this.#usage = defaultUsage;
  }

  async play(steps: readonly StreamStep[]): Promise<ReplyOutcome> {
    await this.#send({ type: 'response.created', response: { id: this.#responseId } });
    for (const step of steps) {
      if (step.type === 'disconnect') return (await this.#writer.cut()) ? 'cut' : 'aborted';
      await this.#playStep(step);
      if (this.#writer.signal.aborted) return 'aborted';
    }
    const last = steps.at(-1);
    if (last === undefined || !endsReply(last)) {
      const response = { id: this.#responseId, usage: tokenUsage(this.#usage) };
      await this.#send({ type: 'response.completed', response });
    }
    await this.#writer.end();
    return this.#writer.signal.aborted ? 'aborted' : 'sent';
  }

  async #playStep(step: Exclude<StreamStep, DisconnectStep>): Promise<void> {
    switch (step.type) {
      case 'gate':
        return this.#waitAt(step);
      case 'text':
        return this.#playText(step);
      case 'echo':
        return this.#playText({ type: 'text', pieces: echoPieces(step.prefix, this.#open.request.userText) });
      case 'reasoning':
        return this.#playReasoning(step);
      case 'tool_call':
      case 'custom_tool_call':
        return this.#endItem(callItem(step, this.#newId('call')));
      case 'usage':
        this.#usage = step;
        return undefined;
      case 'failure': {
        const error = { code: step.code, message: step.message };
        return this.#send({ type: 'response.failed', response: { id: this.#responseId, error } });
      }
      case 'raw_event':
        return this.#writer.write(eventFrame(step.event));
    }
  }

  async #playText(step: TextStep): Promise<void> {
    const id = this.#newId('msg');
    const item = { type: 'message', role: 'assistant', id } as const;
    const phase = step.phase === undefined ? {} : { phase: step.phase };
    await this.#beginItem({ ...item, ...phase, content: [] });
    const text = await this.#playPieces(step.pieces, (delta) => ({
      type: 'response.output_text.delta',
      item_id: id,
      output_index: this.#outputIndex,
      content_index: 0,
      delta,
    }));
    await this.#endItem({ ...item, ...phase, content: [{ type: 'output_text', text }] });
  }

  async #playReasoning(step: ReasoningStep): Promise<void> {
    const id = this.#newId('rs');
    const item = { type: 'reasoning', id, encrypted_content: null } as const;
    const place = { item_id: id, output_index: this.#outputIndex };
    await this.#beginItem({ ...item, summary: [] });
    if (step.part === 'text') {
      const text = await this.#playPieces(step.pieces, (delta) => ({
        ...place,
        type: 'response.reasoning_text.delta',
        content_index: 0,
        delta,
      }));
      return this.#endItem({ ...item, summary: [], content: [{ type: 'reasoning_text', text }] });
    }
    const part = { type: 'summary_text', text: '' } as const;
    await this.#send({ type: 'response.reasoning_summary_part.added', ...place, summary_index: 0, part });
    const text = await this.#playPieces(step.pieces, (delta) => ({
      ...place,
      type: 'response.reasoning_summary_text.delta',
      summary_index: 0,
      delta,
    }));
    return this.#endItem({ ...item, summary: [{ type: 'summary_text', text }] });
  }

  /** Sends a delta for each piece; gives the whole text back, which the item's end must carry. */
  async #playPieces(
    pieces: readonly TextPiece[],
    deltaEvent: (delta: string) => ResponseEvent,
  ): Promise<string> {
    let text = '';
    for (const piece of pieces) {
      if (this.#writer.signal.aborted) break;
      if (piece instanceof Gate) {
        await this.#waitAt(piece);
        continue;
      }
      const { piece: delta, count } = typeof piece === 'string' ? { piece, count: 1 } : piece;
      const frame = eventFrame(deltaEvent(delta));
      for (let sent = 0; sent < count && !this.#writer.signal.aborted; sent += 1) {
        const wait = this.#writer.write(frame);
        this.#open.countPiece();
        if (wait !== undefined) await wait;
      }
      text += delta.repeat(count);
    }
    return text;
  }

  /** What came before a gate must be on its way when the gate counts as reached. */
  async #waitAt(gate: Gate): Promise<void> {
    await this.#writer.flush();
    await gate.pass(this.#writer.signal);
  }

  async #beginItem(item: OutputItem): Promise<void> {
    await this.#send({ type: 'response.output_item.added', output_index: this.#outputIndex, item });
  }

  async #endItem(item: OutputItem): Promise<void> {
    await this.#send({ type: 'response.output_item.done', output_index: this.#outputIndex, item });
    this.#outputIndex += 1;
  }

  async #send(event: ResponseEvent): Promise<void> {
    await this.#writer.write(eventFrame(event));
  }

  /** Ids are unique in the provider, because codex keys items of a thread by them. */
  #newId(kind: string): string {
    return `${kind}_${this.#open.request.index}_${this.#outputIndex}`;
  }
}

function callItem(
  step: Extract<ReplyStep, { type: 'tool_call' | 'custom_tool_call' }>,
  newId: string,
): OutputItem {
  const call = { call_id: step.callId ?? newId, name: step.name };
  if (step.type === 'custom_tool_call')
    return { type: 'custom_tool_call', ...call, input: step.input, status: 'completed' };
  return {
    type: 'function_call',
    ...call,
    ...(step.namespace === undefined ? {} : { namespace: step.namespace }),
    arguments: typeof step.arguments === 'string' ? step.arguments : JSON.stringify(step.arguments),
  };
}

/** The prefix, then the user's text word by word, each with the space before it. */
function echoPieces(prefix: string, userText: string): string[] {
  const words = userText.match(/\s*\S+|\s+$/g) ?? [];
  const pieces = prefix === '' ? words : [prefix, ...words];
  return pieces.length === 0 ? ['(no user text)'] : pieces;
}
