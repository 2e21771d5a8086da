/** The chats of all users, over one supervised codex: each user has one thread, and can see and answer that alone. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { approve, deny, type Supervisor, type ThreadLog, type TurnRun } from 'codex-async-client';

/** What a thread may do; codex keeps it with the thread. */
const SETTINGS = { sandbox: 'workspace-write', approvalPolicy: 'on-request' } as const;

/** A chat that somebody looks at, or that has a turn: how many do, and the turns that run, by id. */
interface Chat {
  uses: number;
  readonly runs: Map<string, TurnRun>;
  readonly log: Promise<ThreadLog>;
}

/** Chats by user. Each user has a folder of her own in `folder`; her thread is the newest one of that. */
export class Chats {
  readonly #open = new Map<string, Chat>();
  /** The threads that began here, by codex and user: one without a turn is in no list, and gone with its codex. */
  readonly #begun = new Map<string, string>();

  constructor(
    readonly supervisor: Supervisor,
    readonly folder: string,
  ) {}

  /** Sends a message; settles when its turn has begun. The same `job` is done once, however often it comes. */
  send(user: string, job: string, input: string): Promise<unknown> {
    return this.use(user, async ({ threadId }, { runs }) => {
      const run = this.supervisor.turnRun({ threadId, input }, { idempotencyKey: job });
      const over = this.use(user, () => run.result()).catch(() => {}); // How it ends is on the page.
      const { turnId } = await run.started();
      runs.set(turnId, run);
      over.then(() => runs.delete(turnId));
    });
  }

  /** Interrupts a turn of hers; false when that does not run, or no more. */
  async stop(user: string, turnId: string | undefined): Promise<boolean> {
    const run = this.#open.get(user)?.runs.get(turnId ?? '');
    await run?.interrupt();
    return run !== undefined;
  }

  /** Answers what her thread asks; false when it does not ask that, or no more. */
  answer(user: string, key: string | undefined, isApproved: boolean): Promise<boolean> {
    return this.use(user, async (log) => {
      const { value } = await log.read().next(); // a snapshot of now
      const asked = value?.snapshot?.requests.find((request) => request.key === key);
      if (asked === undefined) return false;
      const answer = (isApproved ? approve : deny)({ kind: 'request', ...asked });
      await this.supervisor.respondByKey(asked.key, answer);
      return true;
    });
  }

  /** Works with the log of her chat. There is one for all pages and turns, while there are any: what is asked waits. */
  async use<T>(user: string, work: (log: ThreadLog, chat: Chat) => Promise<T>): Promise<T> {
    const chat: Chat = this.#open.get(user) ?? { uses: 0, runs: new Map(), log: this.#follow(user) };
    this.#open.set(user, chat);
    chat.uses += 1;
    try {
      return await work(await chat.log, chat);
    } finally {
      chat.uses -= 1;
      if (chat.uses === 0 && this.#open.delete(user)) chat.log.then((log) => log.close()).catch(() => {});
    }
  }

  async #follow(user: string): Promise<ThreadLog> {
    const cwd = resolve(this.folder, user);
    await mkdir(cwd, { recursive: true });
    const client = await this.supervisor.client();
    const here = `${client.pid} ${user}`;
    const known = (await client.threadList({ cwd, limit: 1 })).data[0]?.id ?? this.#begun.get(here);
    const threadId = known ?? (await client.threadStart({ ...SETTINGS, cwd })).thread.id;
    this.#begun.set(here, threadId);
    return this.supervisor.thread(threadId).follow({ answers: true, keepBytes: 1 << 20 });
  }
}
