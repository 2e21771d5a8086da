// A CommonJS program that imports the package when it needs it, which every TypeScript with `nodenext` has.
import type { AsyncClient } from 'codex-async-client' with { 'resolution-mode': 'import' };

async function started(codexPath: string): Promise<AsyncClient> {
  const { AsyncClient } = await import('codex-async-client');
  return AsyncClient.start({ codexPath });
}

const version = async (client: AsyncClient): Promise<string> => client.serverInfo?.version ?? 'unknown';

export = { started, version };
