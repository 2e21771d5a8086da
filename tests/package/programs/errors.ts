// Errors: by class, by code, and by what they carry.
import { type AsyncClient, CodexClientError, RpcError, TurnFailedError } from 'codex-async-client';

export async function ask(client: AsyncClient, threadId: string): Promise<string> {
  try {
    const { finalMessage } = await client.turnRun({ threadId, input: 'How are you?' }).result();
    return finalMessage ?? '';
  } catch (error) {
    if (error instanceof TurnFailedError) return `failed after ${error.result.items.length} items`;
    if (error instanceof RpcError) return `${error.method} was refused with ${error.rpcCode}`;
    if (error instanceof CodexClientError) return whatToDo(error);
    throw error;
  }
}

function whatToDo(error: CodexClientError): string {
  switch (error.code) {
    case 'CODEX_SERVER_CLOSED':
      return 'start a new client';
    case 'CODEX_BACKPRESSURE':
      return 'read the open streams';
    case 'CODEX_REQUEST_TIMEOUT':
      return 'try again';
    default:
      return error.message;
  }
}
