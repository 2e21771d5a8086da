/** Calls against a wire that only notes what is sent: the window, retries, and calls that were given up. */
import { constants } from 'node:buffer';
import { PassThrough } from 'node:stream';
import {
  BackpressureError,
  InvalidArgumentError,
  OverloadedError,
  RequestTimeoutError,
  RpcError,
} from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CallSpec } from '../../../src/session/requests/call.js';
import { countingIds, suppliedIds } from '../../../src/session/requests/request-ids.js';
import { Requests } from '../../../src/session/requests/requests.js';
import type { Demand, Demands } from '../../../src/support/demand.js';
import { LineWriter } from '../../../src/wire/line-writer.js';
import { OutgoingText } from '../../../src/wire/outgoing-text.js';
import type { RequestId } from '../../../src/wire/wire-message.js';
import { outcomeOf, turn } from '../../helpers/piped-server.js';

interface SentRequest {
  readonly id: RequestId;
  readonly method: string;
}

/** Notes lines when they are put in order, which is when a request counts as sent. */
class NotingWriter extends LineWriter {
  readonly sent: SentRequest[] = [];

  constructor(demands: Demands, outgoing: OutgoingText) {
    super(new PassThrough(), demands, outgoing, { sent: () => {} });
  }

  override post(text: string): undefined {
    // The edge of the wire: what the client writes is JSON-RPC.
    this.sent.push(JSON.parse(text) as SentRequest);
  }
}

/** Those who wait; with an error, whoever begins to wait fails. */
class NotingDemands implements Demands {
  readonly waiting = new Set<Demand>();
  full: Error | undefined;

  enter(demand: Demand): void {
    this.waiting.add(demand);
    if (this.full !== undefined) demand.fail(this.full);
  }

  leave(demand: Demand): void {
    this.waiting.delete(demand);
  }
}

function startRequests(window: number, ids = countingIds(), maxOutgoingBytes = 1_000_000) {
  const demands = new NotingDemands();
  const outgoing = new OutgoingText(maxOutgoingBytes);
  const writer = new NotingWriter(demands, outgoing);
  const { sent } = writer;
  const requests = new Requests(window, ids, { writer, outgoing, demands });
  const ask = (method: string, spec: Partial<CallSpec> = {}) => {
    const answer = requests.call({
      method,
      paramsJson: '{}',
      traceJson: undefined,
      timeoutMs: 0,
      signal: undefined,
      isLongRunning: false,
      isBackground: false,
      endsWork: false,
      promisesObject: false,
      ...spec,
    });
    answer.catch(() => {});
    return answer;
  };
  const idOf = (method: string) => sent.findLast((request) => request.method === method)?.id ?? 'not sent';
  const answer = (method: string) => requests.answered({ kind: 'result', id: idOf(method), result: method });
  const refuse = (method: string, code = -32001) =>
    requests.answered({ kind: 'error', id: idOf(method), error: { code, message: 'no' } });
  const methods = () => sent.map(({ method }) => method);
  /** Sends requests and gives them up; as many as there are slots go out. */
  const giveUp = async (...names: readonly string[]) => {
    const controller = new AbortController();
    for (const name of names) ask(name, { signal: controller.signal });
    await turn();
    controller.abort(new Error('enough'));
    await turn();
  };
  const waiting = () => outgoing.stats();
  return { requests, demands, waiting, sent, ask, answer, refuse, methods, giveUp };
}

function useFakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('answers', () => {
  test('answers settle their own calls, in any order', async () => {
    const { requests, demands, ask, answer, refuse } = startRequests(3);
    const calls = ['a', 'b', 'c'].map((method) => ask(method));
    answer('c');
    refuse('b', -32600);
    answer('a');
    expect(await calls[0]).toBe('a');
    await expect(calls[1]).rejects.toMatchObject({ method: 'b', rpcCode: -32600 });
    await expect(calls[1]).rejects.toBeInstanceOf(RpcError);
    expect(await calls[2]).toBe('c');
    expect(demands.waiting.size).toBe(0);
    expect(requests.stats()).toEqual({ inFlight: 0, waiting: 0, retried: 0 });
  });

  test('an answer that nobody asked for, or that comes twice, changes nothing', async () => {
    const { requests, ask, answer, refuse } = startRequests(1);
    requests.answered({ kind: 'result', id: 99, result: {} });
    requests.answered({ kind: 'error', id: null, error: { code: -32700, message: 'parse error' } });
    const call = ask('a');
    answer('a');
    refuse('a', -32600);
    answer('a');
    expect(await call).toBe('a');
    expect(requests.stats()).toEqual({ inFlight: 0, waiting: 0, retried: 0 });
  });

  test('background calls are no demand, and settle like others', async () => {
    const { demands, ask, answer } = startRequests(1);
    const call = ask('a', { isBackground: true });
    expect(demands.waiting.size).toBe(0);
    answer('a');
    expect(await call).toBe('a');
    expect(demands.waiting.size).toBe(0);
  });
});

describe('demand', () => {
  test('L4 a call is a demand from its making to its settling, in the queue and during a pause as well', async () => {
    useFakeTimers();
    const { demands, ask, answer, refuse } = startRequests(1);
    const [first, second] = [ask('a'), ask('b')];
    expect(demands.waiting.size).toBe(2);
    refuse('a');
    expect(demands.waiting.size).toBe(2);
    vi.advanceTimersByTime(20);
    answer('a');
    expect(demands.waiting.size).toBe(1);
    expect(await first).toBe('a');
    await turn();
    answer('b');
    expect(await second).toBe('b');
    expect(demands.waiting.size).toBe(0);
  });

  test('L5 a call that fails for want of room is not sent, takes no slot, and the next one is', async () => {
    const { requests, demands, ask, methods } = startRequests(1);
    demands.full = new BackpressureError('full', { missed: 0 });
    await expect(ask('a')).rejects.toBe(demands.full);
    expect(methods()).toEqual([]);
    expect(requests.stats()).toEqual({ inFlight: 0, waiting: 0, retried: 0 });
    expect(demands.waiting.size).toBe(0);
    demands.full = undefined;
    ask('b');
    expect(methods()).toEqual(['b']);
  });

  test('L5 a background call goes out where there is no room', () => {
    const { demands, ask, methods } = startRequests(1);
    demands.full = new BackpressureError('full', { missed: 0 });
    ask('a', { isBackground: true });
    expect(methods()).toEqual(['a']);
  });

  test('L5 what ends something at the server goes out where there is no room, and then fails like the others', async () => {
    const { requests, demands, ask, methods } = startRequests(1);
    demands.full = new BackpressureError('full', { missed: 0 });
    await expect(ask('a', { endsWork: true })).rejects.toBe(demands.full);
    expect(methods()).toEqual(['a']);
    expect(requests.stats()).toEqual({ inFlight: 0, waiting: 0, retried: 0 });
    expect(demands.waiting.size).toBe(0);
  });

  test('L4 what ends something is a demand like any call where there is room', async () => {
    const { demands, ask, answer } = startRequests(1);
    const call = ask('a', { endsWork: true });
    expect(demands.waiting.size).toBe(1);
    answer('a');
    expect(await call).toBe('a');
    expect(demands.waiting.size).toBe(0);
  });

  test('a call whose signal has fired is no demand and is not sent', async () => {
    const { demands, ask, methods } = startRequests(1);
    const reason = new Error('enough');
    await expect(ask('a', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(demands.waiting.size).toBe(0);
    expect(methods()).toEqual([]);
  });
});

describe('who hears of it first', () => {
  test('L2 the result is shown while its line is read, and only the first one', () => {
    const { requests, ask, answer } = startRequests(1);
    const shown: unknown[] = [];
    ask('a', { onResult: (result) => shown.push(result) });
    answer('a');
    expect(shown).toEqual(['a']);
    answer('a');
    requests.rejectAll(new Error('gone'));
    expect(shown).toEqual(['a']);
  });

  test('a refusal and a call that was given up show no result', async () => {
    const { ask, answer, refuse, giveUp } = startRequests(2);
    const onResult = vi.fn();
    ask('a', { onResult });
    refuse('a', -32600);
    await giveUp('b');
    answer('b');
    expect(onResult).not.toHaveBeenCalled();
  });

  test('L8 a call says that it is sent when its line has its place, at each attempt', () => {
    useFakeTimers();
    const { ask, refuse, methods } = startRequests(1);
    const linesBefore: number[] = [];
    ask('a', { onSent: () => linesBefore.push(methods().length) });
    refuse('a');
    vi.advanceTimersByTime(20);
    expect(linesBefore).toEqual([1, 2]);
  });
});

describe('calls that are given up', () => {
  test('L7 an abort leaves the line at once and the request is never sent', async () => {
    const { requests, ask, answer, methods } = startRequests(1);
    const controller = new AbortController();
    ask('a');
    const waiting = ask('b', { signal: controller.signal });
    ask('c');
    expect(requests.stats().waiting).toBe(2);
    controller.abort(new Error('enough'));
    expect(requests.stats().waiting).toBe(1);
    await expect(waiting).rejects.toThrow('enough');
    answer('a');
    await turn();
    expect(methods()).toEqual(['a', 'c']);
  });

  test('L7 a timeout counts from the call, in line as well', async () => {
    useFakeTimers();
    const { requests, ask, methods } = startRequests(1);
    ask('a');
    const waiting = ask('b', { timeoutMs: 1_000 });
    vi.advanceTimersByTime(999);
    expect(requests.stats().waiting).toBe(1);
    vi.advanceTimersByTime(1);
    expect(requests.stats().waiting).toBe(0);
    await expect(waiting).rejects.toBeInstanceOf(RequestTimeoutError);
    await expect(waiting).rejects.toThrow(
      'b was not answered within 1000 ms; it was still in the queue and was not sent',
    );
    expect(methods()).toEqual(['a']);
  });

  test('the late answer of a call that was given up is ignored and harms no other', async () => {
    const { ask, answer } = startRequests(2);
    const controller = new AbortController();
    const given = ask('a', { signal: controller.signal });
    controller.abort(new Error('enough'));
    const other = ask('b');
    answer('a');
    await expect(given).rejects.toThrow('enough');
    expect(await outcomeOf(other)).toBe('pending');
    answer('b');
    expect(await other).toBe('b');
  });

  test('L7 a window of one goes on however many requests the server never answers', async () => {
    const { requests, ask, answer, methods } = startRequests(1);
    for (const method of ['a', 'b', 'c', 'd']) {
      const controller = new AbortController();
      ask(method, { signal: controller.signal });
      await turn();
      controller.abort(new Error('enough'));
      await turn();
    }
    const call = ask('e');
    await turn();
    expect(methods()).toEqual(['a', 'b', 'c', 'd', 'e']);
    answer('e');
    expect(await call).toBe('e');
    expect(requests.stats()).toEqual({ inFlight: 0, waiting: 0, retried: 0 });
  });

  test('L7 the server never holds more than two windows of requests while some answer comes in', async () => {
    const { requests, ask, answer, methods } = startRequests(4);
    const controller = new AbortController();
    for (let n = 0; n < 40; n += 1) ask(`given up ${n}`, { signal: controller.signal });
    await turn();
    const first = methods().length;
    expect(first).toBe(4);
    controller.abort(new Error('enough'));
    const second = new AbortController();
    for (let n = 0; n < 40; n += 1) ask(`also given up ${n}`, { signal: second.signal });
    await turn();
    expect(methods()).toHaveLength(8);
    second.abort(new Error('enough'));
    for (let n = 0; n < 4; n += 1) ask(`wanted ${n}`);
    await turn();
    // One place is never kept, so that an answer can show that the server goes on.
    expect(methods()).toHaveLength(9);
    answer('wanted 0');
    await turn();
    expect(methods().slice(9)).toEqual(['wanted 1', 'wanted 2', 'wanted 3']);
    expect(requests.stats().waiting).toBe(0);
  });

  test('L7 an answer frees the slots of requests that were sent before it, and not of later ones', async () => {
    const { ask, answer, methods, giveUp } = startRequests(3);
    await giveUp('a1', 'a2', 'a3');
    // A window's worth of them is given up already, so these keep their slots, but for the last one.
    ask('between');
    await giveUp('b1', 'b2');
    ask('c1');
    ask('c2');
    expect(methods()).toEqual(['a1', 'a2', 'a3', 'between', 'b1', 'b2']);
    answer('between');
    await turn();
    // Its own slot goes to the first; those of b1 and b2 were sent after it.
    expect(methods().slice(6)).toEqual(['c1']);
    answer('c1');
    await turn();
    ask('c3');
    ask('c4');
    await turn();
    expect(methods().slice(6)).toEqual(['c1', 'c2', 'c3', 'c4']);
  });

  test.each([
    ['an answer', 'answer'],
    ['an ordinary error', 'refuse'],
  ] as const)(
    'L7 %s to a request that was given up frees its slot, and those of requests before it',
    async (_what, how) => {
      const { ask, answer, refuse, methods, giveUp } = startRequests(3);
      await giveUp('a1', 'a2', 'a3');
      await giveUp('b1', 'b2', 'b3');
      for (const name of ['c1', 'c2', 'c3']) ask(name);
      await turn();
      expect(methods().slice(6)).toEqual(['c1']);
      if (how === 'answer') answer('b2');
      else refuse('b2', -32600);
      await turn();
      expect(methods().slice(6)).toEqual(['c1', 'c2', 'c3']);
    },
  );

  test('L7 an overload of a request that was given up frees its own slot alone', async () => {
    const { ask, refuse, methods, giveUp } = startRequests(3);
    await giveUp('a1', 'a2', 'a3');
    await giveUp('b1', 'b2', 'b3');
    for (const name of ['c1', 'c2', 'c3']) ask(name);
    await turn();
    expect(methods().slice(6)).toEqual(['c1']);
    refuse('b2');
    await turn();
    expect(methods().slice(6)).toEqual(['c1', 'c2']);
    refuse('b2');
    await turn();
    expect(methods().slice(6)).toEqual(['c1', 'c2']);
  });

  test('L7 slots that were freed so can be kept again', async () => {
    const { ask, answer, methods, giveUp } = startRequests(2);
    for (const round of ['first', 'second', 'third']) {
      await giveUp(`${round} a1`, `${round} a2`);
      await giveUp(`${round} b1`, `${round} b2`);
      const before = methods().length;
      for (const name of ['c1', 'c2']) ask(`${round} ${name}`);
      await turn();
      expect(methods().slice(before)).toEqual([`${round} c1`]);
      answer(`${round} c1`);
      await turn();
      answer(`${round} c2`);
      await turn();
    }
  });

  test('L7 requests that were given up are forgotten once a later one is answered, and take no room again', async () => {
    const { ask, answer, methods, giveUp } = startRequests(2);
    for (let round = 0; round < 5; round += 1) {
      // Both slots come back at once each time, which they do while no more than a window is on record.
      await giveUp(`a${round}`, `b${round}`);
      ask(`c${round}`);
      ask(`d${round}`);
      await turn();
      expect(methods().slice(-2)).toEqual([`c${round}`, `d${round}`]);
      answer(`c${round}`);
      answer(`d${round}`);
      await turn();
    }
  });

  test('an id is used again only when the request that was given up with it is forgotten', async () => {
    const { ask, answer, methods, giveUp } = startRequests(2, suppliedIds(['x', 'x', 'y', 'x', 'z']));
    await giveUp('a');
    await expect(ask('b')).rejects.toThrow('got "x" while a request with it is unanswered');
    const later = ask('c');
    answer('c');
    expect(await later).toBe('c');
    const again = ask('d');
    expect(methods()).toEqual(['a', 'c', 'd']);
    answer('d');
    expect(await again).toBe('d');
  });

  test('L7 an overload is no sign that the server took what came before', async () => {
    const { ask, refuse, methods } = startRequests(2);
    for (const name of ['a', 'b']) {
      const controller = new AbortController();
      ask(`${name}1`, { signal: controller.signal });
      ask(`${name}2`, { signal: controller.signal });
      await turn();
      controller.abort(new Error('enough'));
    }
    ask('c');
    ask('d');
    await turn();
    expect(methods()).toEqual(['a1', 'a2', 'b1', 'b2', 'c']);
    refuse('c');
    await turn();
    expect(methods()).toEqual(['a1', 'a2', 'b1', 'b2', 'c']);
  });
});

describe('overload', () => {
  test('L7 an overloaded request is sent again with growing pauses, and its place is kept meanwhile', async () => {
    useFakeTimers();
    const { requests, ask, answer, refuse, methods, sent } = startRequests(1);
    const call = ask('a');
    ask('b');
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      refuse('a');
      const from = performance.now();
      expect(methods()).toHaveLength(attempt);
      while (methods().length === attempt) vi.advanceTimersByTime(1);
      pauses.push(performance.now() - from);
    }
    for (const [n, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(10 * 2 ** n - 1);
      expect(pause).toBeLessThanOrEqual(20 * 2 ** n + 1);
    }
    expect(new Set(sent.map(({ id }) => id)).size).toBe(6);
    expect(methods()).not.toContain('b');
    expect(requests.stats().retried).toBe(5);
    answer('a');
    expect(await call).toBe('a');
  });

  test('L7 it fails with OverloadedError when the time that is left is too short for another pause', async () => {
    useFakeTimers();
    // Pauses of 20, 40 and 80 ms: the third does not fit into what is left of 100.
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { ask, refuse, methods } = startRequests(1);
    const call = ask('a', { timeoutMs: 100 });
    const next = ask('b');
    for (let attempt = 1; (await outcomeOf(call)) === 'pending'; attempt += 1) {
      expect(attempt).toBeLessThan(10);
      refuse('a');
      vi.advanceTimersByTime(90 / 4);
    }
    await expect(call).rejects.toBeInstanceOf(OverloadedError);
    await expect(call).rejects.toMatchObject({ method: 'a', cause: { rpcCode: -32001 } });
    await turn();
    expect(methods()).toContain('b');
    expect(await outcomeOf(next)).toBe('pending');
  });

  test('L7 without a time limit it fails after a bounded number of attempts', async () => {
    useFakeTimers();
    const { ask, refuse, methods } = startRequests(1);
    const call = ask('a');
    for (let attempt = 1; attempt <= 16; attempt += 1) {
      expect(methods()).toHaveLength(attempt);
      refuse('a');
      vi.advanceTimersByTime(2_000);
    }
    await expect(call).rejects.toMatchObject({ attempts: 16 });
    expect(methods()).toHaveLength(16);
  });

  test('an abort during a pause settles the call, gives its place back, and nothing more is sent', async () => {
    useFakeTimers();
    const { ask, refuse, methods } = startRequests(1);
    const controller = new AbortController();
    const call = ask('a', { signal: controller.signal });
    ask('b');
    refuse('a');
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    vi.advanceTimersByTime(10_000);
    await turn();
    expect(methods()).toEqual(['a', 'b']);
  });
});

describe('text in line', () => {
  const paramsJson = `"${'x'.repeat(48)}"`;

  test('L7 counts while it waits for a slot, and no more when it is sent, given up or fails', async () => {
    const { demands, waiting, ask, answer } = startRequests(1);
    ask('a', { paramsJson });
    expect(waiting()).toMatchObject({ messages: 0, bytes: 0 });
    const abort = new AbortController();
    ask('b', { paramsJson });
    ask('c', { paramsJson: '{}', signal: abort.signal });
    expect(waiting()).toMatchObject({ messages: 2, bytes: 52 });
    abort.abort();
    expect(waiting()).toMatchObject({ messages: 1, bytes: 50 });
    answer('a');
    await turn();
    expect(waiting()).toMatchObject({ messages: 0, bytes: 0 });
    demands.full = new BackpressureError('full', { missed: 0 });
    ask('d', { paramsJson });
    expect(waiting()).toMatchObject({ messages: 0, bytes: 0, peakBytes: 52 });
  });

  test('L7 that fills the limit refuses more, at once, but for what ends work; when it is sent there is room', async () => {
    const { requests, demands, ask, answer, methods } = startRequests(1, countingIds(), 100);
    for (const name of ['a', 'b', 'c']) ask(name, { paramsJson });
    const refused = ask('d');
    await expect(refused).rejects.toBeInstanceOf(BackpressureError);
    await expect(refused).rejects.toThrow(
      /^d was not sent: 2 messages \(100 bytes\) .* fill buffer.maxOutgoingBytes \(100\)/,
    );
    ask('e', { endsWork: true });
    expect(requests.stats()).toMatchObject({ waiting: 3 });
    expect(demands.waiting.size).toBe(4);
    answer('a');
    await turn();
    ask('f');
    for (const name of ['b', 'c', 'e', 'f']) {
      answer(name);
      await turn();
    }
    expect(methods()).toEqual(['a', 'b', 'c', 'e', 'f']);
  });
});

describe('a request that cannot be built', () => {
  const tooMuch = 'x'.repeat(constants.MAX_STRING_LENGTH - 30);

  test('L7 rejects, and keeps its place free for the next one', async () => {
    const { requests, demands, ask, answer, methods } = startRequests(1);
    const tooLong = ask('a', { paramsJson: tooMuch });
    await expect(tooLong).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(tooLong).rejects.toMatchObject({ argument: 'a: params' });
    expect(demands.waiting.size).toBe(0);
    const next = ask('b');
    expect(methods()).toEqual(['b']);
    answer('b');
    expect(await next).toBe('b');
    expect(requests.stats()).toEqual({ inFlight: 0, waiting: 0, retried: 0 });
  });

  test('L7 rejects when its turn comes, which throws at nobody, and the next one goes', async () => {
    const { ask, answer, methods } = startRequests(1);
    const first = ask('a');
    const tooLong = ask('b', { traceJson: tooMuch });
    ask('c');
    answer('a');
    expect(await first).toBe('a');
    await expect(tooLong).rejects.toBeInstanceOf(InvalidArgumentError);
    await turn();
    expect(methods()).toEqual(['a', 'c']);
  });
});

describe('ids', () => {
  test('an id that an unanswered request has is refused, and the first call still gets its answer', async () => {
    const { ask, answer, methods } = startRequests(2, suppliedIds(['x', 'x', 'y']));
    const first = ask('a');
    await expect(ask('b')).rejects.toBeInstanceOf(InvalidArgumentError);
    ask('c');
    expect(methods()).toEqual(['a', 'c']);
    answer('a');
    expect(await first).toBe('a');
  });

  test('a supply that throws fails the call, not the host', async () => {
    const cause = new Error('broken supply');
    const supply = {
      [Symbol.iterator]: () => ({
        next: (): IteratorResult<string> => {
          throw cause;
        },
      }),
    };
    const { ask } = startRequests(1, suppliedIds(supply));
    await expect(ask('a')).rejects.toMatchObject({ code: 'CODEX_INVALID_ARGUMENT', cause });
  });
});

describe('methods that answer when outside work ends', () => {
  const long = { isLongRunning: true };
  const many = (count: number) => Array.from({ length: count }, (_, n) => `long ${n}`);

  test('L7 take no slot of the others', () => {
    const { ask, methods } = startRequests(1);
    ask('long', long);
    ask('short');
    expect(methods()).toEqual(['long', 'short']);
  });

  test('L7 start 64 at a time, and the next ones a second later, when the server has taken them', async () => {
    useFakeTimers();
    const { requests, ask, methods } = startRequests(1);
    for (const name of many(70)) ask(name, long);
    expect(methods()).toHaveLength(64);
    expect(requests.stats().waiting).toBe(6);
    vi.advanceTimersByTime(999);
    await turn();
    expect(methods()).toHaveLength(64);
    vi.advanceTimersByTime(1);
    await turn();
    expect(methods()).toHaveLength(70);
    expect(requests.stats()).toMatchObject({ inFlight: 70, waiting: 0 });
  });

  test('L7 leave their slots earlier when an answer to a later request shows that the server took them', async () => {
    useFakeTimers();
    const { ask, answer, methods } = startRequests(2);
    ask('before');
    for (const name of many(63)) ask(name, long);
    const later = ask('after');
    ask('long 63', long);
    for (const name of ['next 0', 'next 1', 'next 2']) ask(name, long);
    expect(methods()).toHaveLength(66);
    answer('before');
    await turn();
    expect(methods()).toHaveLength(66);
    answer('after');
    expect(await later).toBe('after');
    await turn();
    expect(methods().slice(66)).toEqual(['next 0', 'next 1', 'next 2']);
  });

  test('L7 leave their slots with their own answer, once', async () => {
    useFakeTimers();
    const { ask, answer, methods } = startRequests(1);
    for (const name of many(64)) ask(name, long);
    const last = ['next 0', 'next 1', 'next 2'].map((name) => ask(name, long));
    answer('long 0');
    await turn();
    expect(methods().slice(64)).toEqual(['next 0']);
    vi.advanceTimersByTime(1_000);
    await turn();
    expect(methods().slice(64)).toEqual(['next 0', 'next 1', 'next 2']);
    answer('next 2');
    expect(await last[2]).toBe('next 2');
  });

  test('L7 are no burden to the window when they are given up after they have begun', async () => {
    useFakeTimers();
    const { ask, methods, giveUp } = startRequests(2);
    const controller = new AbortController();
    ask('long', { ...long, signal: controller.signal });
    vi.advanceTimersByTime(1_000);
    await giveUp('a1', 'a2');
    controller.abort(new Error('enough'));
    await giveUp('b1', 'b2');
    ask('c1');
    ask('c2');
    await turn();
    // Two windows are unanswered and one of them was never taken, as far as anybody knows; one slot is left.
    expect(methods()).toEqual(['long', 'a1', 'a2', 'b1', 'b2', 'c1']);
  });

  test('L7 go on however many were given up, with a wider window as well', async () => {
    useFakeTimers();
    const { ask, methods, giveUp } = startRequests(100);
    await giveUp(...Array.from({ length: 100 }, (_, n) => `short ${n}`));
    const controller = new AbortController();
    for (const name of many(64)) ask(name, { ...long, signal: controller.signal });
    controller.abort(new Error('enough'));
    ask('next', long);
    await turn();
    vi.advanceTimersByTime(1_000);
    await turn();
    expect(methods()).toHaveLength(165);
  });

  test('L7 keep their slots while they pause before a retry', async () => {
    useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { ask, answer, refuse, methods } = startRequests(2);
    ask('long 0', long);
    refuse('long 0');
    for (const name of many(64).slice(1)) ask(name, long);
    for (let n = 0; n < 64; n += 1) ask('next', long);
    ask('short');
    answer('short');
    await turn();
    // The answer came after 63 of them, and those have begun; the one that pauses has not.
    expect(methods().filter((method) => method === 'next')).toHaveLength(63);
    expect(methods().filter((method) => method === 'long 0')).toHaveLength(1);
    vi.advanceTimersByTime(20);
    expect(methods().filter((method) => method === 'long 0')).toHaveLength(2);
  });
});

test('L7 a call that is recalled while it is at the server is not sent again after an overload', async () => {
  useFakeTimers();
  const { requests, demands, ask, refuse, methods } = startRequests(1);
  const controller = new AbortController();
  const reason = new Error('never mind');
  const call = ask('a', { recall: controller.signal });
  controller.abort(reason);
  refuse('a');
  await expect(call).rejects.toBe(reason);
  vi.advanceTimersByTime(60_000);
  expect(methods()).toEqual(['a']);
  expect(requests.stats()).toEqual({ inFlight: 0, waiting: 0, retried: 0 });
  expect(demands.waiting.size).toBe(0);
  ask('b');
  expect(methods()).toEqual(['a', 'b']);
});

test('L10 rejecting all settles every call: sent, in line, and pausing before a retry', async () => {
  const { requests, demands, ask, refuse } = startRequests(2);
  const calls = [ask('a'), ask('b'), ask('c'), ask('d', { isLongRunning: true })];
  refuse('b');
  const error = new Error('gone');
  requests.rejectAll(error);
  for (const call of calls) await expect(call).rejects.toBe(error);
  expect(demands.waiting.size).toBe(0);
});
