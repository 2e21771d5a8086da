/** A real codex with a scripted model, both gone at the end of the scope. */
import { AsyncClient, type protocol, type StartOptions } from 'codex-async-client';
import { echo, LocalModelProvider } from 'codex-async-client/testing';

/** A client and the model behind its server. */
export interface CodexWithModel extends AsyncDisposable {
  readonly client: AsyncClient;
  readonly provider: LocalModelProvider;
  /** Starts a thread; gives back its id. */
  newThread(params?: protocol.ThreadStartParams): Promise<string>;
}

/** Starts both; a turn that nobody scripted echoes its input. The client ends first, because codex writes into the provider's home until then. */
export async function codexWithModel(options: StartOptions = {}): Promise<CodexWithModel> {
  const provider = await LocalModelProvider.start({ defaultReply: echo() });
  const client = await AsyncClient.start({ ...provider.options, ...options });
  return {
    client,
    provider,
    newThread: async (params = {}) => (await client.threadStart(params)).thread.id,
    [Symbol.asyncDispose]: async () => {
      await client.shutdown();
      await provider.close();
    },
  };
}
