/**
 * Which ids of the protocol a client makes up itself, as data: they are others in every run. All other ids come from the
 * server, which is the tape, so they are the recorded ones. And the ids of one replay, paired with the recorded ones.
 */
import type { TextFit } from './bound-roots.js';
import { OneToOne } from './one-to-one.js';

/** One kind of id, and where it stands. */
interface IdKind {
  /** The members that hold it. */
  readonly members: readonly string[];
  /** How the methods begin that have it; elsewhere a member of the name is another's. */
  readonly methods: string;
}

/** The kinds. @internal */
export const ID_KINDS: readonly IdKind[] = [
  { members: ['processId'], methods: 'command/exec' },
  { members: ['processHandle'], methods: 'process/' },
  { members: ['watchId'], methods: 'fs/' },
  // A user's message comes back as an item, with it for its `clientId`; answers have no method to go by.
  { members: ['clientUserMessageId', 'clientId'], methods: '' },
  { members: ['sessionId'], methods: 'fuzzyFileSearch/' },
  { members: ['cancellationToken'], methods: 'fuzzyFileSearch' },
  { members: ['subscriptionId'], methods: 'mcpServer/event/' },
  { members: ['realtimeSessionId', 'voiceSessionId'], methods: 'thread/realtime/' },
  { members: ['installAttemptId'], methods: 'plugin/' },
  { members: ['websocketRequestId'], methods: 'environment/' },
  { members: ['idempotencyKey'], methods: '' },
];

/** The methods whose member `requestId` is the id of a request of the client. */
const NAMING_REQUESTS: readonly string[] = ['thread/sample/cancel', 'userVerification/cancel'];

export class ClientIds {
  readonly #ids = new OneToOne<string>();
  readonly #requests = new Map<unknown, unknown>();

  /** Whether two ids fit; undefined where the member holds no id that a client makes up. */
  fit(method: string, member: string, recorded: string, given: string): TextFit | undefined {
    const kind = kindOf(method, member);
    if (kind === undefined) return undefined;
    const [from, to] = [`${kind} ${recorded}`, `${kind} ${given}`];
    const expected = this.#ids.given(from);
    if (expected === given) return { fits: true };
    if (expected !== undefined) {
      return { fits: false, reason: `${recorded} is ${expected} since an earlier line` };
    }
    const taken = this.#ids.recorded(to);
    if (taken !== undefined) {
      return { fits: false, reason: `${given} stood for ${taken.slice(kind.length + 1)} before` };
    }
    this.#ids.bind(from, { key: to, given });
    return { fits: true };
  }

  /** The id that stands for a recorded one; itself where none does. */
  translate(method: string, member: string, recorded: string): string {
    const kind = kindOf(method, member);
    return kind === undefined ? recorded : (this.#ids.given(`${kind} ${recorded}`) ?? recorded);
  }

  /** A request of the tape has come in under another id, the last time it did. */
  noteRequest(recorded: unknown, given: unknown): void {
    this.#requests.set(recorded, given);
  }

  /** The id under which a request of the tape came in, where a member names one. */
  requestId(method: string, member: string, recorded: unknown): unknown {
    const names = member === 'requestId' && NAMING_REQUESTS.includes(method);
    return names && this.#requests.has(recorded) ? this.#requests.get(recorded) : recorded;
  }

  keep(): void {
    this.#ids.keep();
  }

  forget(): void {
    this.#ids.forget();
  }
}

/** The number of the kind, as a name. */
function kindOf(method: string, member: string): string | undefined {
  const index = ID_KINDS.findIndex(
    ({ members, methods }) => members.includes(member) && method.startsWith(methods),
  );
  return index === -1 ? undefined : String(index);
}
