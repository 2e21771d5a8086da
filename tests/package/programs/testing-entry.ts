// A test of a program, on the scripted model.
import { AsyncClient } from 'codex-async-client';
import { echo, LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';

export async function answers(input: string): Promise<readonly string[]> {
  await using provider = await LocalModelProvider.start({ defaultReply: echo() });
  provider.enqueue(shellCommand('echo hi'), text('It says ', 'hi.'));
  await using client = await AsyncClient.start(provider.options);
  const { agentMessages } = await client.threadRun({ turn: input }).result();
  return agentMessages.map((message) => message.text);
}
