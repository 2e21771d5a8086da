/** A supervised codex with a scripted model; all is gone at the end of the scope. */
import { AsyncClient, type protocol, type SuperviseStartOptions, type Supervisor } from 'codex-async-client';
import { echo, LocalModelProvider } from 'codex-async-client/testing';

/** A supervisor and the model behind its servers. */
export interface SupervisedCodex extends AsyncDisposable {
  readonly supervisor: Supervisor;
  readonly provider: LocalModelProvider;
  /** Starts a thread and runs a turn on it, so that the next server knows it; gives back its id. */
  keptThread(params?: protocol.ThreadStartParams): Promise<string>;
  /** Kills the server that lives, without a word. */
  kill(): Promise<void>;
}

/** Starts both; a turn that nobody scripted echoes its input. */
export async function supervisedCodex(options: SuperviseStartOptions = {}): Promise<SupervisedCodex> {
  const provider = await LocalModelProvider.start({ defaultReply: echo() });
  const supervisor = AsyncClient.supervise({ ...provider.options, ...options });
  return {
    supervisor,
    provider,
    keptThread: (params = {}) => keptThread(supervisor, params),
    kill: async () => {
      const { pid } = await supervisor.client();
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    },
    [Symbol.asyncDispose]: async () => {
      await supervisor.shutdown();
      await provider.close();
    },
  };
}

/** Starts a thread and runs a turn on it; gives back its id. */
export async function keptThread(
  supervisor: Supervisor,
  params: protocol.ThreadStartParams = {},
): Promise<string> {
  const { threadId } = await supervisor.threadRun({ thread: params, turn: 'hello' }).result();
  return threadId;
}

/** What a thread has of its user's messages: their texts, each with the key it was sent with. */
export async function userMessages(
  client: AsyncClient,
  threadId: string,
): Promise<{ readonly key: string | null; readonly text: string; readonly status: string }[]> {
  const { thread } = await client.threadRead({ threadId, includeTurns: true });
  return thread.turns.flatMap(({ items, status }) =>
    items.flatMap((item) => {
      if (item.type !== 'userMessage') return [];
      const text = item.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
      return [{ key: item.clientId, text, status }];
    }),
  );
}

/** Which requests the model got for a text of the user. */
export function timesAsked({ requests }: LocalModelProvider, text: string): number {
  return requests.filter(({ userText }) => userText === text).length;
}

/** What a promise rejects with; undefined when it does not. */
export const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
