/** The real server goes in the middle of turns: L9 and L10 for runs. */
import { ServerClosedError, type ServerMessage } from 'codex-async-client';
import { gate, text } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { collected, methodsOf } from '../runs/played-server.js';
import { type CodexWithModel, codexWithModel } from './codex-with-model.js';

const ENDS: readonly (readonly [string, (codex: CodexWithModel) => unknown, object])[] = [
  [
    'SIGKILL',
    ({ client }) => process.kill(Number(client.pid), 'SIGKILL'),
    { signal: 'SIGKILL', exitCode: null },
  ],
  [
    'SIGTERM, which ends codex with code 0',
    ({ client }) => process.kill(Number(client.pid), 'SIGTERM'),
    { exitCode: 0 },
  ],
  ['shutdown()', ({ client }) => client.shutdown(), {}],
];

test.each(ENDS)(
  'L9 %s in the middle of a turn: everything received is handed out, then the error',
  async (_, end, exit) => {
    await using codex = await codexWithModel();
    const middle = gate();
    codex.provider.enqueue(text('a', 'b', 'c', middle, 'd'));
    const threadId = await codex.newThread();
    const run = codex.client.turnRun({ threadId, input: 'go' });
    const queued = codex.client.turnRun({ threadId, input: 'next' });
    const queuedResult = queued.result();
    queuedResult.catch(() => undefined);
    const seen: ServerMessage[] = [];
    const loop = (async () => {
      for await (const message of run) {
        seen.push(message);
        if (message.method === 'item/agentMessage/delta' && message.params.delta === 'c') await end(codex);
      }
    })();
    await expect(loop).rejects.toThrow(ServerClosedError);
    const deltas = seen.flatMap((m) => (m.method === 'item/agentMessage/delta' ? [m.params.delta] : []));
    expect(deltas).toEqual(['a', 'b', 'c']);
    expect(seen.map(({ method }) => method)).not.toContain('turn/completed');
    await expect(run.result()).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED', ...exit });
    await expect(queuedResult).rejects.toThrow(ServerClosedError);
    await expect(queued.next()).rejects.toThrow(ServerClosedError);
    expect(codex.provider.requests).toHaveLength(1);
  },
);

test('L10 the server killed under fifty runs settles all fifty, however they are read', async () => {
  await using codex = await codexWithModel();
  const held = Array.from({ length: 50 }, () => gate());
  const settling: Promise<unknown>[] = [];
  for (const [n, middle] of held.entries()) {
    codex.provider.when({ userText: `<${n}>` }, text('half', middle));
    const run = codex.client.turnRun({ threadId: await codex.newThread(), input: `<${n}>` });
    settling.push(
      [() => run.result(), () => methodsOf(run), () => collected(run.text())][n % 3]?.() ?? run.next(),
    );
  }
  const settled = Promise.allSettled(settling);
  await Promise.all(held.map(({ reached }) => reached));
  process.kill(Number(codex.client.pid), 'SIGKILL');
  for (const outcome of await settled)
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { code: 'CODEX_SERVER_CLOSED', signal: 'SIGKILL' },
    });
});
