/** A page in a few lines: what `EventSource` makes of a response, and the view that is folded from it. */
import { applyMessage, type ThreadView, type ViewMessage } from 'codex-async-client/view';

/** A page that shows one thread. It lives on when its connection does not. */
export class Page {
  view: ThreadView | undefined;
  /** What it sends as `Last-Event-ID`. */
  lastId: string | undefined;
  /** The ids of all events, in the order in which they came. */
  readonly ids: string[] = [];
  readonly gaps: (number | null)[] = [];
  /** How many messages it was told one by one, or merged. */
  told = 0;
  snapshots = 0;
  comments = 0;
  #unfinished = '';

  /** A new connection: half an event of the old one is lost. */
  connects(): void {
    this.#unfinished = '';
  }

  /** Takes a piece of a response, which may end anywhere. */
  receive(text: string): void {
    const events = (this.#unfinished + text).split('\n\n');
    this.#unfinished = events.pop() ?? '';
    for (const event of events) this.#dispatch(event.split('\n'));
  }

  #dispatch(lines: readonly string[]): void {
    if (lines.every((line) => line.startsWith(':'))) {
      this.comments += lines.length;
      return;
    }
    const fields = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line]));
    const fieldOf = (name: string) => fields.get(name)?.slice(name.length + 2);
    const data: unknown = JSON.parse(fieldOf('data') ?? '');
    this.lastId = fieldOf('id');
    this.ids.push(this.lastId ?? '');
    this.#show(fieldOf('event') ?? 'message', data);
  }

  /** The test's own edge of the wire: what the names of events promise. */
  #show(name: string, data: unknown): void {
    if (name === 'gap') this.gaps.push((data as { missed: number | null }).missed);
    else if (name === 'snapshot') {
      this.view = data as ThreadView;
      this.snapshots += 1;
    } else {
      if (this.view === undefined) throw new Error('a message came before a snapshot');
      const message = data as ViewMessage & { readonly coalesced?: number };
      this.view = applyMessage(this.view, message);
      this.told += message.coalesced ?? 1;
    }
  }
}

/** The place that an id names. */
export function placeOf(id: string): number {
  return Number(id.split('.').at(-1));
}
