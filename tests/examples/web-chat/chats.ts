/** The chats of all users, over one supervised codex: each user has one thread, and can see and answer that alone. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { approve, deny, type ServerRequest, type Supervisor, serverSentEvents } from 'codex-async-client';

/** Where a page was, and when it is gone. */
type Place = { readonly after?: string | undefined; readonly signal: AbortSignal };
/** What a thread may do; codex keeps it with the thread. */
const SETTINGS = { sandbox: 'workspace-write', approvalPolicy: 'on-request' } as const;

/** Chats by user. Each user has a folder of her own in `folder`; her thread is the newest one of that. */
export class Chats {
  readonly #open = new Map<string, { uses: number; readonly ready: ReturnType<Chats['enter']> }>();

  constructor(
    readonly supervisor: Supervisor,
    readonly folder: string,
  ) {}

  /** Writes a page's events, from where the page was, until it is gone. */
  show(user: string, from: Place, write: (event: string) => Promise<unknown>): Promise<void> {
    return this.#withChat(user, async ({ log }) => {
      for await (const event of serverSentEvents(log.read(from))) await write(event);
    });
  }

  /** Sends a message; settles when its turn has begun. The same `job` is done once, however often it comes. */
  send(user: string, job: string, input: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#withChat(user, async ({ threadId }) => {
        const run = this.supervisor.turnRun({ threadId, input }, { idempotencyKey: job });
        run.started().then(() => resolve(), reject);
        await run.result(); // The chat stays open until then. How the turn ends is on the page.
      }).catch(reject);
    });
  }

  /** Answers what her thread asks; false when it does not ask that, or no more. */
  answer(user: string, key: string, isApproved: boolean): Promise<boolean> {
    return this.#withChat(user, async ({ log }) => {
      const { value } = await log.read().next(); // a snapshot of now
      const asked = value?.snapshot?.requests.find((request) => request.key === key);
      if (asked === undefined) return false;
      const request: ServerRequest = { kind: 'request', ...asked };
      await this.supervisor.respondByKey(key, isApproved ? approve(request) : deny(request));
      return true;
    });
  }

  /** Interrupts a turn of her thread. */
  async stop(user: string, turnId: string): Promise<void> {
    const client = await this.supervisor.client();
    await this.#withChat(user, ({ threadId }) => client.turnInterrupt({ threadId, turnId }));
  }

  /** One log for all pages and turns of a user, while there are any: what is asked waits for her, also in a reload. */
  async #withChat<T>(user: string, work: (chat: Awaited<ReturnType<Chats['enter']>>) => Promise<T>) {
    const chat = this.#open.get(user) ?? { uses: 0, ready: this.enter(join(this.folder, user)) };
    this.#open.set(user, chat);
    chat.uses += 1;
    try {
      return await work(await chat.ready);
    } finally {
      chat.uses -= 1;
      if (chat.uses === 0 && this.#open.delete(user))
        chat.ready.then(({ log }) => log.close()).catch(() => {});
    }
  }

  private async enter(cwd: string) {
    await mkdir(cwd, { recursive: true });
    const client = await this.supervisor.client();
    const known = await client.threadList({ cwd, limit: 1 });
    const { id } = known.data[0] ?? (await client.threadStart({ ...SETTINGS, cwd })).thread;
    return { threadId: id, log: this.supervisor.thread(id).follow({ answers: true, keepBytes: 1 << 20 }) };
  }
}
