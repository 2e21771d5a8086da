/**
 * A page that shows a thread: it reads entries when it is let, folds them, comes back with the id of the last one, and notes
 * what a reader must never get: a message before a snapshot, one twice, a hole that nobody told it of.
 */
import type { ServerMessage, ThreadEntries, ThreadEntry, ThreadLog } from 'codex-async-client';
import { applyMessage, type ThreadView } from 'codex-async-client/view';
import type { SentLine } from '../../server/wire-book.js';
import type { Connection, ToldLine } from '../server/connection.js';
import type { World } from '../server/world.js';
import { requestsOf } from './user-answers.js';
import type { ShownRequest } from './users.js';

/** Where in what was said over a connection about the thread a message is. */
interface Place {
  readonly connection: Connection;
  readonly index: number;
}

/** What is told anew when it changes: a later one may stand for those before it, and says for how many it does. */
const REPLACED_METHODS: ReadonlySet<string> = new Set(['thread/tokenUsage/updated', 'thread/status/changed']);

/** A reader of a followed thread. */
export class Page {
  readonly name: string;
  readonly threadId: string;
  /** Its log ends with its client. */
  readonly isPlain: boolean;
  view: ThreadView | undefined;
  readonly wrong: string[] = [];
  /** How its last reading ended. */
  end: { readonly error?: unknown } | undefined;
  /** Nobody looks at it. */
  isLeft = false;
  /** How many entries it was shown. */
  shown = 0;
  /** Every request that it has ever shown, by its key. */
  readonly #requests = new Map<string, ShownRequest>();
  readonly #world: World;
  readonly #told: (what: string, details?: unknown) => void;
  #log: ThreadLog;
  #entries: ThreadEntries;
  #lastId: string | undefined;
  #last: Place | undefined;
  /** How many states it was not shown since the last one of their kind. */
  readonly #spared = new Map<string, number>();
  #credit = 0;
  #let: (() => void) | undefined;
  #isFresh = true;

  constructor(
    name: string,
    log: ThreadLog,
    isPlain: boolean,
    world: World,
    told: (what: string, details?: unknown) => void,
  ) {
    this.name = name;
    this.threadId = log.threadId;
    this.#log = log;
    this.isPlain = isPlain;
    this.#world = world;
    this.#told = told;
    this.#entries = log.read();
    void this.#run(this.#entries);
  }

  get log(): ThreadLog {
    return this.#log;
  }

  get requests(): ShownRequest[] {
    return [...this.#requests.values()];
  }

  /** May read so many more. */
  grant(reads: number): void {
    this.#credit += reads;
    this.#let?.();
    this.#let = undefined;
  }

  /** The connection to the page is gone, and it comes back: with the id of the last entry, or as a new one. */
  comeBack(withId: boolean, log: ThreadLog = this.#log): void {
    void this.#entries.return();
    this.#log = log;
    this.end = undefined;
    this.isLeft = false;
    const after = withId ? this.#lastId : undefined;
    if (after === undefined) this.#forget();
    // Another reading counts anew.
    this.#spared.clear();
    this.#entries = log.read({ after });
    void this.#run(this.#entries);
  }

  leave(): Promise<unknown> {
    this.isLeft = true;
    this.grant(1);
    return this.#entries.return();
  }

  async #run(entries: ThreadEntries): Promise<void> {
    try {
      for (;;) {
        while (this.#credit <= 0)
          await new Promise<void>((resolve) => {
            this.#let = resolve;
          });
        if (entries !== this.#entries) return;
        this.#credit -= 1;
        const { value } = await entries.next();
        if (entries !== this.#entries) return;
        if (value === undefined) break;
        this.#show(value);
      }
      this.end = {};
    } catch (error) {
      if (entries !== this.#entries) return;
      this.end = { error };
    }
    this.#told(`${this.name} is over`, this.end?.error instanceof Error ? this.end.error.name : undefined);
  }

  #show({ id, message, snapshot, gap }: ThreadEntry): void {
    this.#lastId = id;
    this.shown += 1;
    if (gap !== undefined) {
      this.#told(`${this.name} is told of a gap`, gap.missed);
      this.#forget();
    } else if (snapshot !== undefined) {
      this.#told(`${this.name} gets a snapshot`, snapshot.turns.length);
      if (!this.#isFresh) this.wrong.push(`${this.name} got a snapshot that no gap announced`);
      this.#forget();
      this.#isFresh = false;
      this.view = snapshot;
    } else this.#add(message);
    for (const request of requestsOf(this.view)) this.#requests.set(request.key, request);
  }

  #add(message: ServerMessage): void {
    const places = this.#placesOf(message);
    this.#told(
      `${this.name} gets ${message.method}`,
      places.map(({ index }) => index),
    );
    if (this.view === undefined || this.#isFresh)
      this.wrong.push(`${this.name} got a message before a snapshot`);
    else this.view = applyMessage(this.view, message);
    for (const place of places) {
      this.#compare(place, message.method);
      this.#count(place, message);
      this.#last = place;
    }
    this.#checkText(message);
  }

  /** Between two messages of a connection there is none that the page was not shown; nor one from a connection before. */
  #compare({ connection, index }: Place, method: string): void {
    const last = this.#last;
    if (last === undefined) return;
    if (last.connection !== connection) {
      this.wrong.push(
        `${this.name} got ${method} of connection ${connection.number} behind ${last.connection.number} without a gap`,
      );
      return;
    }
    if (index <= last.index) this.wrong.push(`${this.name} got message ${index} behind ${last.index}`);
    const lines = linesOf(connection, this.threadId);
    const between = lines.slice(last.index + 1, index);
    // What is asked again while its answer is on its way is shown to nobody.
    const isRepeat = ({ line }: ToldLine) =>
      line.id !== undefined && lines.find((earlier) => earlier.line.id === line.id)?.line !== line;
    const lost = between.filter((told) => !REPLACED_METHODS.has(told.line.method ?? '') && !isRepeat(told));
    if (lost.length > 0)
      this.wrong.push(
        `${this.name} got message ${index} behind ${last.index}: ${lost.length} are missing, and nobody says so`,
      );
  }

  /** States are left out for a later one, which says how many. */
  #count({ connection, index }: Place, message: ServerMessage): void {
    const lines = linesOf(connection, this.threadId);
    const behind = this.#last?.connection === connection ? this.#last.index + 1 : index;
    for (const { line } of lines.slice(behind, index))
      if (REPLACED_METHODS.has(line.method ?? ''))
        this.#spared.set(kindOf(line), (this.#spared.get(kindOf(line)) ?? 0) + 1);
    const kind = kindOf(lines[index]?.line);
    const spared = this.#spared.get(kind) ?? 0;
    this.#spared.delete(kind);
    const { coalesced = 1 } = message as { readonly coalesced?: number };
    if (coalesced <= spared)
      this.wrong.push(
        `${this.name} got ${message.method} in place of ${1 + spared}, which says it stands for ${coalesced}`,
      );
  }

  /** The text of a message is a stretch of what was said, without a hole. */
  #checkText(message: ServerMessage): void {
    if (message.method !== 'item/agentMessage/delta') return;
    const { itemId } = message.params;
    const shown = this.view?.turns.flatMap(({ items }) => items).find(({ id }) => id === itemId);
    const marks = marksIn(shown?.type === 'agentMessage' ? shown.text : '');
    const said = this.#world.pieces.get(itemId) ?? [];
    const from = said.indexOf(marks[0] ?? -1);
    if (marks.some((mark, index) => said[from + index] !== mark))
      this.wrong.push(`${this.name} shows ${marks.join(' ')} of ${itemId}, which said ${said.join(' ')}`);
  }

  #placesOf(message: ServerMessage): Place[] {
    const params = message.params as { readonly c?: number; readonly n?: number; readonly delta?: unknown };
    const connection = this.#world.connections[params.c ?? -1];
    if (connection === undefined) {
      this.wrong.push(`${this.name} got ${JSON.stringify(message)}, which nobody sent`);
      return [];
    }
    const lines = linesOf(connection, this.threadId);
    const marks = typeof params.delta === 'string' ? marksIn(params.delta) : [];
    const indices =
      marks.length === 0
        ? [lines.findIndex(({ line }) => line.serial === params.n)]
        : marks.map((mark) => lines.findIndex((line) => line.mark === mark));
    return indices.map((index) => ({ connection, index }));
  }

  #forget(): void {
    this.#last = undefined;
    this.#spared.clear();
    this.#isFresh = true;
  }
}

function linesOf({ said }: Connection, threadId: string) {
  return said.filter((line) => line.threadId === threadId);
}

/** What a state is of. */
function kindOf(line: SentLine | undefined): string {
  return `${line?.method} ${line?.turnId}`;
}

function marksIn(text: string): number[] {
  return [...text.matchAll(/\[(\d+)\]/g)].map(([, mark]) => Number(mark));
}
