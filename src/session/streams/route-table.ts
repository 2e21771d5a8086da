/**
 * The open routes, found by what a message says of itself: its kind, method, thread, turn, or the process or watch it
 * belongs to. Owns the shelves on which routes are filed, and keeps this: a look-up costs as much as there are kinds of
 * filters, and routes it finds, however many routes are filed (L21).
 */
import type { MessageScope, ServerMessage } from '../messages/server-message.js';
import { calledTool } from '../messages/tool-key.js';
import { REQUEST_GROUP } from './precedence.js';

/** What a message says of itself, as far as routes ask. */
export interface RouteKeys {
  readonly kind?: string | undefined;
  readonly methods?: readonly string[] | undefined;
  readonly threadId?: string | undefined;
  readonly turnId?: string | undefined;
  /** The tools that are called, as {@link toolKey} names them. */
  readonly tools?: readonly string[] | undefined;
  /** The process of an output, or the watch of a change. */
  readonly resourceId?: string | undefined;
  /** A server request that names no thread. */
  readonly threadless?: 'request' | undefined;
}

/** Something that is filed. */
export interface Route {
  /** What a message has to say of itself. */
  readonly keys: RouteKeys;
  /** Higher wins; see `precedence.ts`. */
  readonly precedence: number;
  /** One of {@link REQUEST_GROUP}: when server requests come here. */
  readonly requestGroup: number;
  /** Whether it takes a message that has its keys. */
  takes(message: ServerMessage, scope: MessageScope): boolean;
}

/** The members by which a shelf files, and the way a message's are found. */
const FACETS = {
  resourceId: (message: ServerMessage) => resourceIdOf(message),
  turnId: (_message: ServerMessage, scope: MessageScope) => scope.turnId,
  threadId: (_message: ServerMessage, scope: MessageScope) => scope.threadId,
  methods: (message: ServerMessage) => message.method,
  tools: (message: ServerMessage) => calledTool(message),
  kind: (message: ServerMessage) => message.kind,
  threadless: (message: ServerMessage, scope: MessageScope) =>
    scope.threadId === undefined && message.kind === 'request' ? message.kind : undefined,
} as const;

type Facet = keyof typeof FACETS;

/** Reads off a message the key under which the routes that want it stand. */
type KeyReader = (message: ServerMessage, scope: MessageScope) => string | undefined;

const FACET_NAMES = Object.keys(FACETS) as Facet[];

/** Between the values of a key; no id or method holds it. */
export const SEPARATOR = '\0';

/** A filed route. */
interface Filed<R extends Route> {
  readonly route: R;
  readonly age: number;
}

/** Routes that ask for the same members with the same precedence, by the values they ask for, oldest first. */
interface Shelf<R extends Route> {
  readonly precedence: number;
  readonly facets: readonly Facet[];
  readonly keyOf: KeyReader;
  readonly byKey: Map<string | undefined, Set<Filed<R>>>;
}

const NONE: ReadonlySet<never> = new Set();

/** Files routes and finds the one that a message goes to, or all that want it. */
export class RouteTable<R extends Route> {
  /** By precedence, the highest first. */
  #shelves: readonly Shelf<R>[] = [];
  readonly #filed = new Map<R, Filed<R>>();
  /** The age of the route that was filed last; ages are counted. */
  #youngest = 0;

  /** How many routes are filed. */
  get size(): number {
    return this.#filed.size;
  }

  /** The filed routes, oldest first. */
  get routes(): Iterable<R> {
    return this.#filed.keys();
  }

  /** Files a route under its keys. */
  add(route: R): void {
    this.#youngest += 1;
    const filed: Filed<R> = { route, age: this.#youngest };
    this.#filed.set(route, filed);
    this.#file(filed, route.keys);
  }

  /** Files a route under more keys: a message that has either comes to it. */
  addKeys(route: R, keys: RouteKeys): void {
    const filed = this.#filed.get(route);
    if (filed !== undefined) this.#file(filed, keys);
  }

  /** Takes a route out, with the keys that were added to its own. */
  remove(route: R, addedKeys: Iterable<RouteKeys> = []): void {
    const filed = this.#filed.get(route);
    if (filed === undefined) return;
    this.#filed.delete(route);
    for (const keys of [route.keys, ...addedKeys]) this.#unfile(filed, keys);
  }

  /** The route that a message goes to, if any wants it. */
  find(message: ServerMessage, scope: MessageScope): R | undefined {
    let best: Filed<R> | undefined;
    for (const shelf of this.#shelves) {
      // A notification goes to the highest precedence; a request may find a better group further down.
      const isDecided = best !== undefined && shelf.precedence < best.route.precedence;
      if (isDecided && message.kind === 'notification') break;
      const routes = shelf.byKey.get(shelf.keyOf(message, scope));
      if (routes === undefined) continue;
      for (const filed of routes) {
        if (!filed.route.takes(message, scope)) continue;
        if (best === undefined || isBefore(filed, best, message)) best = filed;
        // The next one here differs at most in its group, and only the last group has a better one.
        if (message.kind === 'notification' || filed.route.requestGroup !== REQUEST_GROUP.unattended) break;
      }
    }
    return best?.route;
  }

  /** Every route that wants a message, each once, whatever its precedence. */
  all(message: ServerMessage, scope: MessageScope): ReadonlySet<R> {
    let wanting: Set<R> | undefined;
    for (const shelf of this.#shelves) {
      const routes = shelf.byKey.get(shelf.keyOf(message, scope));
      if (routes === undefined) continue;
      for (const { route } of routes)
        if (route.takes(message, scope)) wanting = (wanting ?? new Set()).add(route);
    }
    return wanting ?? NONE;
  }

  #file(filed: Filed<R>, keys: RouteKeys): void {
    const shelf = this.#shelfFor(filed.route.precedence, facetsOf(keys));
    for (const key of keysOf(shelf, keys)) {
      const routes = shelf.byKey.get(key);
      if (routes === undefined || filed.age === this.#youngest)
        shelf.byKey.set(key, (routes ?? new Set()).add(filed));
      // Keys that are added later do not make their route younger.
      else shelf.byKey.set(key, new Set([...routes, filed].sort((a, b) => a.age - b.age)));
    }
  }

  #unfile(filed: Filed<R>, keys: RouteKeys): void {
    const shelf = this.#shelfFor(filed.route.precedence, facetsOf(keys));
    for (const key of keysOf(shelf, keys)) {
      const routes = shelf.byKey.get(key);
      routes?.delete(filed);
      if (routes?.size === 0) shelf.byKey.delete(key);
    }
    if (shelf.byKey.size === 0) this.#shelves = this.#shelves.filter((other) => other !== shelf);
  }

  #shelfFor(precedence: number, facets: readonly Facet[]): Shelf<R> {
    const known = this.#shelves.find(
      (shelf) => shelf.precedence === precedence && String(shelf.facets) === String(facets),
    );
    if (known !== undefined) return known;
    const shelf: Shelf<R> = { precedence, facets, keyOf: keyReader(facets), byKey: new Map() };
    this.#shelves = [...this.#shelves, shelf].sort((a, b) => b.precedence - a.precedence);
    return shelf;
  }
}

function isBefore(filed: Filed<Route>, best: Filed<Route>, message: ServerMessage): boolean {
  const { route } = filed;
  if (message.kind === 'request' && route.requestGroup !== best.route.requestGroup)
    return route.requestGroup < best.route.requestGroup;
  // The highest precedence is looked at first, so that of an earlier route is never lower.
  return route.precedence === best.route.precedence && filed.age < best.age;
}

function facetsOf(keys: RouteKeys): Facet[] {
  return FACET_NAMES.filter((facet) => keys[facet] !== undefined);
}

/** The keys under which a route stands on a shelf: one for each of its methods, or of its tools. */
function keysOf(shelf: { readonly facets: readonly Facet[] }, keys: RouteKeys): string[] {
  let rows: unknown[][] = [[]];
  for (const facet of shelf.facets) {
    const value = keys[facet];
    const choices = Array.isArray(value) ? [...new Set<unknown>(value)] : [value];
    rows = rows.flatMap((row) => choices.map((choice) => [...row, choice]));
  }
  return rows.map((row) => row.join(SEPARATOR));
}

/** The key of a message on a shelf; undefined when it does not say all of what the shelf's routes ask for. */
function keyReader(facets: readonly Facet[]): KeyReader {
  const [only] = facets;
  // The usual filter asks for one thing, and its value is the key as it is.
  if (only !== undefined && facets.length === 1) return FACETS[only];
  return (message, scope) => {
    const values = facets.map((facet) => FACETS[facet](message, scope));
    return values.includes(undefined) ? undefined : values.join(SEPARATOR);
  };
}

/** Malformed params name nothing. */
function resourceIdOf(message: ServerMessage): string | undefined {
  if (message.method === 'command/exec/outputDelta') return message.params?.processId;
  return message.method === 'fs/changed' ? message.params?.watchId : undefined;
}
