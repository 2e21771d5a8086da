/** Steering and interrupting a running turn, with ids that are out of date and a server that is not ready yet. */
import { RpcError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { PlayedServer } from '../played-server.js';

describe('steer()', () => {
  test('waits for the turn, sends its id and the input as items, and settles with the turn that took it', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const steered = run.steer('rather this');
    const turn = await server.turn();
    expect(server.sent('turn/steer')).toBe(0);
    turn.accept();
    const request = await server.next('turn/steer');
    expect(request.params).toEqual({
      threadId: 't',
      expectedTurnId: 'turn-1',
      input: [{ type: 'text', text: 'rather this', text_elements: [] }],
    });
    server.answer(request, { turnId: 'turn-1' });
    expect(await steered).toEqual({ turnId: 'turn-1' });
  });

  test.each([
    ['with quotes', 'expected active turn id `turn-1` but found `turn-9`'],
    ['without quotes', 'expected active turn id turn-1 but found turn-9'],
  ])('expected active turn id X but found Y, %s: Y is never steered in its place', async (_, message) => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().started();
    const steered = outcomeOfSteer(run.steer('more'));
    server.refuse(await server.next('turn/steer'), message);
    expect(await steered).toBeInstanceOf(RpcError);
    expect(String(await steered)).toContain('turn-9');
    expect(server.sent('turn/steer')).toBe(1);
  });

  test('is sent again with its own id once the turn has started, when another one was active before', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept();
    const steered = run.steer('more');
    server.refuse(await server.next('turn/steer'), 'expected active turn id `turn-1` but found `turn-0`');
    turn.started();
    const again = await server.next('turn/steer');
    expect(again.params).toMatchObject({ expectedTurnId: 'turn-1' });
    server.answer(again, { turnId: 'turn-1' });
    expect(await steered).toEqual({ turnId: 'turn-1' });
  });

  test('rejects with the server’s error when no turn is active any more', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().started();
    const steered = outcomeOfSteer(run.steer('more'));
    server.refuse(await server.next('turn/steer'), 'no active turn to steer');
    expect(await steered).toMatchObject({ method: 'turn/steer', rpcCode: -32600 });
    expect(server.sent('turn/steer')).toBe(1);
  });

  test('is not sent again when the turn is over that never was said to have started', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().complete();
    await run.result();
    const steered = outcomeOfSteer(run.steer('more'));
    server.refuse(await server.next('turn/steer'), 'no active turn to steer');
    expect(await steered).toMatchObject({ method: 'turn/steer', rpcCode: -32600 });
    expect(server.sent('turn/steer')).toBe(1);
  });

  test('is sent again once for each sign of life of a turn that has not started', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept();
    const steered = run.steer('more');
    for (let n = 1; n <= 3; n += 1) {
      server.refuse(await server.next('turn/steer'), 'no active turn to steer');
      await server.piped.quiet();
      expect(server.sent('turn/steer')).toBe(n);
      turn.say('alive');
    }
    server.answer(await server.next('turn/steer'), { turnId: 'turn-1' });
    expect(await steered).toEqual({ turnId: 'turn-1' });
  });

  test('reads on for its answer although nobody reads the run', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 2 } });
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started().say('1', '2', '3', '4', '5');
    await server.piped.quiet();
    const steered = run.steer('more');
    const request = await server.next('turn/steer');
    turn.say('6');
    server.answer(request, { turnId: 'turn-1' });
    expect(await steered).toEqual({ turnId: 'turn-1' });
  });
});

describe('interrupt()', () => {
  test('waits for the turn’s next sign of life when the server calls no turn active yet', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const result = run.result();
    const interrupted = run.interrupt();
    const turn = (await server.turn()).accept();
    server.refuse(await server.next('turn/interrupt'), 'no active turn to interrupt');
    expect(await outcomeOf(interrupted)).toBe('pending');
    expect(server.sent('turn/interrupt')).toBe(1);
    turn.started();
    server.answer(await server.next('turn/interrupt'), {});
    await interrupted;
    turn.complete('interrupted');
    expect((await result).status).toBe('interrupted');
  });

  test('is as good as done when the turn ends first', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const interrupted = run.interrupt();
    const turn = (await server.turn()).accept();
    const request = await server.next('turn/interrupt');
    turn.started().complete();
    server.refuse(request, 'no active turn to interrupt');
    await interrupted;
    expect((await run.result()).status).toBe('completed');
    await run.interrupt();
    expect(server.sent('turn/interrupt')).toBe(1);
  });

  test('interrupting races with the start or the end of the turn: it settles either way', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'go' });
    const result = run.result();
    const turn = (await server.turn()).accept();
    const interrupted = run.interrupt();
    server.refuse(await server.next('turn/interrupt'), 'no active turn to interrupt');
    turn.started();
    server.refuse(await server.next('turn/interrupt'), 'no active turn to interrupt');
    turn.complete();
    await interrupted;
    expect(await result).toMatchObject({ status: 'completed' });
  });

  test('never interrupts another turn that the server names', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started();
    const interrupted = run.interrupt();
    server.refuse(await server.next('turn/interrupt'), 'expected active turn id turn-1 but found turn-4');
    turn.complete();
    await interrupted;
    const named = server.piped.received.filter(({ method }) => method === 'turn/interrupt');
    expect(named.map(({ params }) => params?.['turnId'])).toEqual(['turn-1']);
  });

  test('rejects with any other refusal', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().started();
    const interrupted = run.interrupt();
    server.refuse(await server.next('turn/interrupt'), 'thread not found: t');
    await expect(interrupted).rejects.toThrow('thread not found');
  });

  test('settles when the turn was never begun', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = await server.turn();
    const interrupted = run.interrupt();
    server.refuse(turn.request, 'thread not found: t');
    await interrupted;
    await expect(run.result()).rejects.toThrow('thread not found');
    await run.interrupt();
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('is sent by leaving although unread messages of others leave no room', async () => {
    await using server = new PlayedServer({ buffer: { maxBytes: 2_000 } });
    server.client.events();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started();
    await run.next();
    server.piped.send({ method: 'x/large', params: { text: 'x'.repeat(3_000) } });
    await server.piped.quiet();
    await run.return();
    expect((await server.next('turn/interrupt')).params).toMatchObject({ turnId: turn.turnId });
  });

  test('settles when the server goes', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const interrupted = run.interrupt();
    (await server.turn()).accept();
    server.refuse(await server.next('turn/interrupt'), 'no active turn to interrupt');
    await server.piped.quiet();
    server.piped.end();
    await server.client.closed;
    expect(await outcomeOf(interrupted)).not.toBe('pending');
  });
});

/** The error of a steering that fails. */
function outcomeOfSteer(steered: Promise<unknown>): Promise<unknown> {
  return steered.catch((error: unknown) => error);
}
