/** What a turn has said so far, as its result tells it. */
import type { protocol, ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { TurnRecord } from '../../../src/runs/turn/turn-record.js';
import { agentMessage, turnOf } from '../played-server.js';

/** A record of a turn, with every message kept unless said otherwise. */
function recordOf({ collectEvents = true } = {}) {
  return new TurnRecord({ collectEvents });
}

// Messages with no more members than a record looks at.
const messageOf = (method: string, params: object) =>
  ({ kind: 'notification', method, params: { threadId: 't', ...params } }) as ServerMessage;
const delta = (itemId: string, text: string) => messageOf('item/agentMessage/delta', { itemId, delta: text });
const item = (completed: object) => messageOf('item/completed', { item: completed });
const started = (id = 'turn') => messageOf('turn/started', { turn: turnOf(id) });
const completed = (id = 'turn') => messageOf('turn/completed', { turn: turnOf(id, 'completed') });
const usage = (totalTokens: number) =>
  messageOf('thread/tokenUsage/updated', { tokenUsage: { totalTokens } });
const startOf = (id: string) => ({ turn: turnOf(id) }) as unknown as protocol.TurnStartResponse;
const asTurn = (turn: object) => turn as protocol.Turn;

function noted(record: TurnRecord, ...messages: readonly ServerMessage[]): TurnRecord {
  for (const message of messages) record.note(message);
  return record;
}

describe('the turn', () => {
  test('is unknown, and so is the result, until the server has named it', () => {
    const record = noted(recordOf(), delta('a', 'x'));
    expect([record.turn, record.result(), record.hasStart, record.hasStarted]).toEqual([
      undefined,
      undefined,
      false,
      false,
    ]);
  });

  test('is as the server described it last: in its answer, when it started, when asked, at its end', () => {
    const record = recordOf();
    record.noteStart(startOf('answered'), false);
    expect([record.turn?.id, record.hasStart, record.joined]).toEqual(['answered', true, false]);
    noted(record, started('started'));
    expect([record.turn?.id, record.hasStarted, record.isOver]).toEqual(['started', true, false]);
    record.noteRecovered(asTurn(turnOf('recovered', 'interrupted')));
    expect([record.turn?.id, record.isOver]).toEqual(['recovered', true]);
    expect(record.result()).toMatchObject({
      recovered: true,
      status: 'interrupted',
      raw: { completed: undefined },
    });
    const other = noted(recordOf(), started('started'), completed('completed'));
    expect([other.turn?.id, other.isOver]).toEqual(['completed', true]);
    expect(other.result()).toMatchObject({
      recovered: false,
      status: 'completed',
      raw: { start: undefined },
    });
  });

  test('is not over by an end that does not carry it', () => {
    const record = noted(recordOf(), started(), messageOf('turn/completed', {}));
    expect(record.isOver).toBe(false);
  });

  test('says whether it was joined', () => {
    const record = recordOf();
    record.noteStart(startOf('x'), true);
    expect([record.joined, record.result()?.joined]).toEqual([true, true]);
  });
});

describe('what the server told when it was asked', () => {
  const tell = (items: object[], itemsView = 'full', status: 'inProgress' | 'completed' = 'inProgress') =>
    asTurn({ ...turnOf('turn', status), items, itemsView });
  const command = (id: string, exitCode = 0) => ({ type: 'commandExecution', id, exitCode });

  test('stands before what came, each item once, with the last word for what came', () => {
    const record = recordOf();
    record.noteAdopted();
    expect([record.joined, record.mayBeJoined, record.hasStart, record.turn]).toEqual([
      true,
      true,
      false,
      undefined,
    ]);
    noted(record, item(command('b', 1)), delta('m', 'la'), delta('n', 'tail'));
    record.noteFound(
      tell([command('a'), agentMessage('early', 'x'), command('b'), agentMessage('m', 'late')]),
    );
    expect([record.hasStart, record.hasStarted, record.isOver]).toEqual([true, true, false]);
    const { items, agentMessages } = record.result() ?? {};
    expect(items).toMatchObject([{ id: 'a' }, { id: 'early' }, { id: 'b', exitCode: 1 }, { id: 'm' }]);
    expect(agentMessages).toMatchObject([
      { id: 'early', text: 'x' },
      { id: 'm', text: 'late' },
      { id: 'n', text: 'tail' },
    ]);
  });

  test.each(['summary', 'notLoaded'])('tells nothing of the items in a turn of the view %s', (itemsView) => {
    const record = noted(recordOf(), started(), item(command('a')), item(command('b')));
    record.noteRecovered(tell([command('b')], itemsView, 'completed'));
    expect(record.result()?.items).toMatchObject([{ id: 'a' }, { id: 'b' }]);
  });

  test('is more than was heard where the end was missed', () => {
    const record = noted(recordOf(), started(), item(command('a')));
    record.noteRecovered(tell([command('a'), agentMessage('m', 'the end')], 'full', 'completed'));
    expect(record.result()).toMatchObject({
      items: [{ id: 'a' }, { id: 'm' }],
      finalMessage: 'the end',
      recovered: true,
    });
  });

  test('is of the review, whatever turn begins within it', () => {
    const record = recordOf();
    record.noteStart(startOf('review'), false);
    noted(record, messageOf('turn/started', { turn: { ...turnOf('within'), rootTurnId: 'review' } }));
    expect([record.turn?.id, record.hasStarted]).toEqual(['review', true]);
    expect(record.result()?.raw.started?.turn.id).toBe('within');
  });
});

describe('the texts', () => {
  test('are put together by item, in the order in which the messages began', () => {
    const record = noted(
      recordOf(),
      started(),
      delta('a', '1'),
      delta('b', 'x'),
      delta('a', '2'),
      delta('b', 'y'),
    );
    expect(record.result()).toMatchObject({
      agentMessages: [
        { id: 'a', text: '12' },
        { id: 'b', text: 'xy' },
      ],
      finalMessage: 'xy',
      items: [],
    });
  });

  test('are those of the completed items where these came, and of no other items', () => {
    const command = { type: 'commandExecution', id: 'c', text: 'no message' };
    const record = noted(
      recordOf(),
      started(),
      delta('a', 'hal'),
      item(agentMessage('a', 'half')),
      item(command),
    );
    expect(record.result()).toMatchObject({
      agentMessages: [{ id: 'a', text: 'half' }],
      items: [{ id: 'a' }, { id: 'c' }],
    });
  });
});

test('what follows the first end tells nothing', () => {
  const record = noted(recordOf(), started(), completed(), delta('a', 'late'), completed('other'), usage(1));
  expect(record.result()).toMatchObject({
    raw: { turn: { id: 'turn' } },
    agentMessages: [],
    usage: undefined,
  });
  expect(record.result()?.events).toHaveLength(2);
});

test('a message of a sub-agent is an event, and no fact', () => {
  const record = noted(recordOf(), started());
  record.noteSubagent(item(agentMessage('a', 'psst')));
  expect(record.result()).toMatchObject({ items: [], agentMessages: [] });
  expect(record.result()?.events).toHaveLength(2);
});

test('events are kept only when they are wanted', () => {
  const record = noted(recordOf({ collectEvents: false }), started());
  record.noteSubagent(delta('a', 'psst'));
  expect(record.result()?.events).toBeUndefined();
});

test('a record that starts again has forgotten everything', () => {
  const record = noted(
    recordOf(),
    started('other'),
    messageOf('item/started', { item: agentMessage('a', '') }),
    delta('a', 'other'),
    item(agentMessage('b', 'x')),
    usage(5),
  );
  noted(record, completed('other'));
  record.restart();
  expect([record.turn, record.isOver, record.hasStarted]).toEqual([undefined, false, false]);
  record.noteStart(startOf('own'), false);
  expect(record.result()).toMatchObject({
    raw: { turn: { id: 'own' }, started: undefined, completed: undefined },
    items: [],
    agentMessages: [],
    finalMessage: undefined,
    usage: undefined,
    events: [],
  });
  expect(noted(record, delta('a', 'own')).result()?.agentMessages).toEqual([
    { id: 'a', phase: null, text: 'own' },
  ]);
});
