/** A turn of the real server, driven by hand in an events() loop, with approvals accepted and declined. */
import { AsyncClient, type protocol } from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';

interface Driven {
  readonly text: string;
  readonly output: string;
  readonly asked: protocol.CommandExecutionRequestApprovalParams[];
  readonly requestIds: (string | number)[];
  readonly resolvedIds: (string | number)[];
  readonly turn: protocol.Turn;
  readonly commands: protocol.ThreadItem[];
}

/** Runs a turn and answers every approval with the decision. */
async function drive(
  client: AsyncClient,
  threadId: string,
  decision: protocol.CommandExecutionApprovalDecision,
): Promise<Driven> {
  const seen = { text: '', output: '', asked: [], requestIds: [], resolvedIds: [], commands: [] } as Omit<
    Driven,
    'turn'
  > & {
    text: string;
    output: string;
  };
  await client.turnStart({ threadId, input: 'go' });
  for await (const message of client.events()) {
    switch (message.method) {
      case 'item/agentMessage/delta':
        seen.text += message.params.delta;
        break;
      case 'item/commandExecution/requestApproval':
        seen.asked.push(message.params);
        seen.requestIds.push(message.id);
        await client.respond(message, { decision });
        break;
      case 'serverRequest/resolved':
        seen.resolvedIds.push(message.params.requestId);
        break;
      case 'item/completed':
        if (message.params.item.type === 'commandExecution') seen.commands.push(message.params.item);
        break;
      case 'turn/completed':
        return { ...seen, turn: message.params.turn };
      default:
        break;
    }
  }
  throw new Error('the stream ended before the turn did');
}

describe('a turn through events()', () => {
  test('streams its text piece by piece', async () => {
    const pieces = ['Hello ', 'wörld\u2028', '🙂'];
    await using provider = await LocalModelProvider.start({ replies: [text(...pieces)] });
    await using client = await AsyncClient.start({ ...provider.options });
    const { thread } = await client.threadStart();
    await client.turnStart({ threadId: thread.id, input: 'hi' });
    const deltas: string[] = [];
    for await (const message of client.events({ methods: ['item/agentMessage/delta', 'turn/completed'] })) {
      if (message.method === 'turn/completed') break;
      deltas.push(message.params.delta);
      expect(message.params.threadId).toBe(thread.id);
      expect(message.emittedAtMs).toBeGreaterThan(0);
    }
    expect(deltas).toEqual(pieces);
  });

  test('runs a command that was approved, and answers requests with id 0', async () => {
    await using provider = await LocalModelProvider.start();
    await using client = await AsyncClient.start({ ...provider.options });
    const { thread } = await client.threadStart();
    provider.enqueue(shellCommand('echo approved-$((40 + 2))', { escalate: true }), text('done'));
    const turn = await drive(client, thread.id, 'accept');
    expect(turn.turn.status).toBe('completed');
    expect(turn.text).toBe('done');
    expect(turn.asked).toMatchObject([{ threadId: thread.id, turnId: turn.turn.id }]);
    expect(turn.requestIds).toEqual([0]);
    expect(turn.resolvedIds).toEqual([0]);
    expect(turn.commands).toMatchObject([
      { status: 'completed', exitCode: 0, aggregatedOutput: expect.stringMatching(/approved-42\n$/) },
    ]);
    expect(client.stats().requests.unansweredByUs).toBe(0);
    await expect(client.respondById(0, { decision: 'accept' })).rejects.toMatchObject({
      code: 'CODEX_ALREADY_RESPONDED',
    });
  });

  test('does not run a command that was declined', async () => {
    await using provider = await LocalModelProvider.start();
    await using client = await AsyncClient.start({ ...provider.options });
    const { thread } = await client.threadStart();
    provider.enqueue(shellCommand('echo never', { escalate: true }), text('as you like'));
    const turn = await drive(client, thread.id, 'decline');
    expect(turn.asked).toHaveLength(1);
    expect(turn.commands).toMatchObject([{ status: 'declined' }]);
    expect(turn.turn.status).toBe('completed');
    expect(turn.text).toBe('as you like');
  });

  test('is asked in a filtered stream while another one reads the text', async () => {
    await using provider = await LocalModelProvider.start();
    await using client = await AsyncClient.start({ ...provider.options });
    const { thread } = await client.threadStart();
    provider.enqueue(shellCommand('echo seen', { escalate: true }), text('done'));
    const approvals = client.events({ kind: 'request' });
    const answering = (async () => {
      for await (const message of approvals) {
        if (message.method !== 'item/commandExecution/requestApproval') continue;
        await client.respond(message, { decision: 'accept' });
        return message.params.command;
      }
      return 'nothing was asked';
    })();
    const turn = await drive(client, thread.id, 'decline');
    expect(turn.asked).toEqual([]);
    expect(await answering).toContain('echo seen');
    expect(turn.commands).toMatchObject([{ aggregatedOutput: expect.stringMatching(/seen\n$/) }]);
  });

  test('L17 asks nobody when a standing answer was given', async () => {
    await using provider = await LocalModelProvider.start();
    await using client = await AsyncClient.start({
      ...provider.options,
      standingAnswers: { 'item/commandExecution/requestApproval': { decision: 'accept' } },
    });
    const { thread } = await client.threadStart();
    provider.enqueue(shellCommand('echo standing', { escalate: true }), text('done'));
    const turn = await drive(client, thread.id, 'decline');
    expect(turn.asked).toEqual([]);
    expect(turn.commands).toMatchObject([{ aggregatedOutput: expect.stringMatching(/standing\n$/) }]);
    expect(client.stats().messages.standingAnswers).toBe(1);
  });

  test('L12 an approval of a turn that was interrupted is stale', async () => {
    await using provider = await LocalModelProvider.start();
    await using client = await AsyncClient.start({ ...provider.options });
    const { thread } = await client.threadStart();
    provider.enqueue(shellCommand('echo never', { escalate: true }));
    const { turn } = await client.turnStart({
      threadId: thread.id,
      input: 'go',
    });
    const requests = client.events({ kind: 'request' });
    const { value: request } = await requests.next();
    if (request?.method !== 'item/commandExecution/requestApproval') throw new Error('it asks for approval');
    const withdrawn = client.signalOf(request);
    await client.turnInterrupt({ threadId: thread.id, turnId: turn.id });
    // The server withdraws the request after it has called the turn over.
    for await (const message of client.events({ methods: ['turn/completed', 'serverRequest/resolved'] })) {
      if (message.method === 'serverRequest/resolved') break;
      expect(message.params.turn.status).toBe('interrupted');
    }
    expect(withdrawn.aborted).toBe(true);
    await expect(client.respond(request, { decision: 'accept' })).rejects.toMatchObject({
      code: 'CODEX_STALE_REQUEST',
    });
  });
});

test('one message of a turn can be waited for, beside a loop that a signal ends', async () => {
  await using provider = await LocalModelProvider.start({ replies: [text('Hel', 'lo')] });
  await using client = await AsyncClient.start(provider.options);
  const { thread } = await client.threadStart({});
  const ended = new AbortController();
  const written: string[] = [];
  const loop = (async () => {
    const deltas = client.events({ methods: ['item/agentMessage/delta'] }, { signal: ended.signal });
    for await (const { params } of deltas) written.push(params.delta);
  })();
  const input = [{ type: 'text' as const, text: 'go', text_elements: [] }];
  const { turn } = await client.turnStart({ threadId: thread.id, input });
  const filter = { methods: ['turn/completed'], turnId: turn.id, timeoutMs: 60_000 } as const;
  expect((await client.nextMessage(filter))?.params.turn.status).toBe('completed');
  ended.abort();
  await loop;
  expect(written).toEqual(['Hel', 'lo']);
});
