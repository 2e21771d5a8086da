/** Answers that were given beforehand for a thread hold on every server. */
import { InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import type { PipedServer } from '../helpers/piped-server.js';
import { PipedLives } from './piped-lives.js';

const ACCEPT = { 'item/commandExecution/requestApproval': { decision: 'accept' } } as const;

function ask(server: PipedServer, id: number, threadId: string): void {
  const params = { threadId, turnId: 'turn', itemId: 'item' };
  server.send({ id, method: 'item/commandExecution/requestApproval', params });
}

const answered = (server: PipedServer) =>
  server.received.flatMap(({ id, result }) => (result === undefined ? [] : [{ id, result }]));

describe('L17: standing answers of a supervised thread', () => {
  test('are given by the server that lives and by those that follow, until they are taken away', async () => {
    const lives = new PipedLives();
    await lives.supervisor.client();
    lives.supervisor.thread('t', { standingAnswers: ACCEPT });
    const first = await lives.server(1);
    ask(first, 0, 't');
    ask(first, 1, 'other');
    await first.quiet();
    expect(answered(first)).toEqual([{ id: 0, result: { decision: 'accept' } }]);
    const second = await lives.crash();
    ask(second, 0, 't');
    await second.quiet();
    expect(answered(second)).toEqual([{ id: 0, result: { decision: 'accept' } }]);
    lives.supervisor.thread('t');
    ask(second, 1, 't');
    await second.quiet();
    expect(answered(second).length).toBe(2);
    lives.supervisor.thread('t', { standingAnswers: {} });
    const third = await lives.crash();
    ask(third, 0, 't');
    await third.quiet();
    expect(answered(third)).toEqual([]);
    await lives.supervisor.shutdown();
  });

  test('can be set before there is a server', async () => {
    const lives = new PipedLives();
    lives.supervisor.thread('t', { standingAnswers: ACCEPT });
    const server = await lives.server(1);
    await lives.supervisor.client();
    ask(server, 0, 't');
    await server.quiet();
    expect(answered(server).length).toBe(1);
    await lives.supervisor.shutdown();
  });

  test('that cannot be given are refused by name', async () => {
    const lives = new PipedLives();
    const standingAnswers = { 'item/commandExecution/requestAproval': {} } as object;
    expect(() => lives.supervisor.thread('t', { standingAnswers })).toThrow(InvalidArgumentError);
    expect(() => lives.supervisor.thread('t', { standingAnswers })).toThrow('did you mean');
    await lives.supervisor.shutdown();
  });
});
