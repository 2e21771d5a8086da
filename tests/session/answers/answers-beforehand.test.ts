/** Answers given beforehand: data that is set, changed and removed; without one nothing is ever approved by itself. */
import { describe, expect, test } from 'vitest';
import { ask, wire } from '../../helpers/messages.js';
import { startScripted } from '../../helpers/scripted.js';

const yes = { contentItems: [], success: true };
const no = { contentItems: [], success: false };
const question = (id: string | number) => ({ ...wire(ask(0)), id });

describe('a standing answer', () => {
  test('L17 answers when the request is read, reaches no stream, and is counted', async () => {
    await using client = await startScripted('asks-the-client', [], {
      standingAnswers: { 'item/tool/call': yes },
    });
    for (const id of [0, '0', 'abc']) await client.notify('ask', question(id));
    await client.notify('ask', { method: 'future/thing', params: {} });
    expect(await client.nextMessage()).toMatchObject({ method: 'future/thing' });
    expect(await client.request('answers', { count: 3 })).toEqual(
      [0, '0', 'abc'].map((id) => ({ id, result: yes })),
    );
    expect(client.stats()).toMatchObject({ messages: { standingAnswers: 3, received: 1 } });
    expect(client.stats().requests.unansweredByUs).toBe(0);
  });

  test('L17 can be set, changed and removed later', async () => {
    await using client = await startScripted('asks-the-client');
    await client.notify('ask', question(0));
    const asked = await client.nextMessage();
    client.setStandingAnswer('item/tool/call', yes);
    await client.notify('ask', question(1));
    expect(await client.request('answers', { count: 1 })).toEqual([{ id: 1, result: yes }]);
    client.setStandingAnswer('item/tool/call', no);
    await client.notify('ask', question(2));
    expect(await client.request('answers', { count: 2 })).toHaveLength(2);
    client.setStandingAnswer('item/tool/call', undefined);
    await client.notify('ask', question(3));
    expect(await client.nextMessage()).toMatchObject({ kind: 'request', id: 3 });
    if (asked?.kind !== 'request') throw new Error('it is a request');
    await client.respondById(asked.id, 'by hand');
    expect(await client.request('answers')).toEqual([
      { id: 1, result: yes },
      { id: 2, result: no },
      { id: 0, result: 'by hand' },
    ]);
  });

  test('L17 is for its own method only', async () => {
    await using client = await startScripted('asks-the-client', [], {
      standingAnswers: { 'item/commandExecution/requestApproval': { decision: 'decline' } },
    });
    await client.notify('ask', question(0));
    expect(await client.nextMessage()).toMatchObject({ id: 0, method: 'item/tool/call' });
    expect(await client.request('answers')).toEqual([]);
  });

  test('L17 is taken as it is when it is set', async () => {
    const answer = { contentItems: [], success: true };
    await using client = await startScripted('asks-the-client', [], {
      standingAnswers: { 'item/tool/call': answer },
    });
    answer.success = false;
    await client.notify('ask', question(0));
    expect(await client.request('answers', { count: 1 })).toEqual([{ id: 0, result: yes }]);
  });

  test('L17 answers before a filtered stream that would have taken the request', async () => {
    await using client = await startScripted('asks-the-client', [], {
      standingAnswers: { 'item/tool/call': yes },
    });
    const stream = client.events({ kind: 'request' });
    await client.notify('ask', question(0));
    await client.notify('ask', { id: 1, method: 'currentTime/read', params: {} });
    expect(await stream.next()).toMatchObject({ value: { id: 1 } });
    expect(await client.request('answers', { count: 1 })).toEqual([{ id: 0, result: yes }]);
  });

  test('L12 cannot be answered a second time by id', async () => {
    await using client = await startScripted('asks-the-client', [], {
      standingAnswers: { 'item/tool/call': yes },
    });
    await client.notify('ask', question(0));
    expect(await client.request('answers', { count: 1 })).toHaveLength(1);
    await expect(client.respondById(0, no)).rejects.toMatchObject({ code: 'CODEX_ALREADY_RESPONDED' });
    expect(await client.request('answers')).toHaveLength(1);
  });
});
