/** The chats of all users, over one supervised codex: each user has one thread, and can see and answer that alone. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { approve, deny, type Supervisor, type ThreadLog } from 'codex-async-client';

/** What a thread may do; codex keeps it with the thread. */
const SETTINGS = { sandbox: 'workspace-write', approvalPolicy: 'on-request' } as const;

/** Chats by user. Each user has a folder of her own in `folder`; her thread is the newest one of that. */
export class Chats {
  readonly #open = new Map<string, { uses: number; readonly log: Promise<ThreadLog> }>();

  constructor(
    readonly supervisor: Supervisor,
    readonly folder: string,
  ) {}

  /** Sends a message; settles when its turn has begun. The same `job` is done once, however often it comes. */
  send(user: string, job: string, input: string): Promise<unknown> {
    return this.use(user, ({ threadId }) => {
      const run = this.supervisor.turnRun({ threadId, input }, { idempotencyKey: job });
      this.use(user, () => run.result()).catch(() => {}); // How it ends is on the page.
      return run.started();
    });
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
  async use<T>(user: string, work: (log: ThreadLog) => Promise<T>): Promise<T> {
    const chat = this.#open.get(user) ?? { uses: 0, log: this.#follow(join(this.folder, user)) };
    this.#open.set(user, chat);
    chat.uses += 1;
    try {
      return await work(await chat.log);
    } finally {
      chat.uses -= 1;
      if (chat.uses === 0 && this.#open.delete(user)) chat.log.then((log) => log.close()).catch(() => {});
    }
  }

  async #follow(cwd: string) {
    await mkdir(cwd, { recursive: true });
    const client = await this.supervisor.client();
    const known = await client.threadList({ cwd, limit: 1 });
    const { id } = known.data[0] ?? (await client.threadStart({ ...SETTINGS, cwd })).thread;
    return this.supervisor.thread(id).follow({ answers: true, keepBytes: 1 << 20 });
  }
}
