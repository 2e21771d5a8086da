/** A command run against a server that the test plays: what the real one cannot be made to do. */
import type { CommandRunOptions, CommandRunParams } from '../../../src/runs/command/command-params.js';
import { PipedServer, type ReceivedMessage } from '../../helpers/piped-server.js';

export const PARAMS: CommandRunParams = { command: ['program'], processId: 'p' };

export function delta(stream: string, text: string | Uint8Array, processId = 'p'): object {
  const deltaBase64 = Buffer.from(text).toString('base64');
  return {
    method: 'command/exec/outputDelta',
    params: { processId, stream, deltaBase64, capReached: false },
  };
}

export function answer(request: ReceivedMessage, result: object = {}): object {
  return { id: request.id, result };
}

export function exited(request: ReceivedMessage, exitCode = 0): object {
  return answer(request, { exitCode, stdout: '', stderr: '' });
}

/** A server with one command that runs. */
export async function started(
  params: CommandRunParams = PARAMS,
  buffer: object = {},
  options: CommandRunOptions = {},
) {
  const server = new PipedServer({ buffer });
  const command = server.client.commandRun(params, options);
  const exec = await server.receivedWhere(({ method }) => method === 'command/exec');
  return { server, command, exec };
}

export async function read(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export function sent(server: PipedServer, method: string): ReceivedMessage[] {
  return server.received.filter((message) => message.method === method);
}
