/** Errors: one base, a stable code and name each, their details, and no detail that gets lost on the way. */
import * as api from 'codex-async-client';
import { CodexClientError, type protocol } from 'codex-async-client';
import { describe, expect, test } from 'vitest';

// Only their identity counts here.
const aThread = { thread: { id: 'a thread' } } as protocol.ThreadStartResponse;
const aGoal = { objective: 'a goal' } as protocol.ThreadGoal;
const aFailure = { status: 'failed' } as api.TurnResult<unknown, 'failed'>;
const aResult = { finalMessage: 'so far' } as api.TurnResult;
const aCompletion = { status: 'completed' } as api.TurnResult<undefined, 'completed'>;
const cause = new Error('the reason');
const exit = { exitCode: 3, signal: null, stderrTail: 'panic' };

/** One of each, with the details that it is made to carry. */
const errors: [CodexClientError, object][] = [
  [new api.InvalidArgumentError('cwd', 'm', { cause }), { argument: 'cwd', cause }],
  [new api.SpawnError('m', { cause }), { cause }],
  [
    new api.ConnectionError('m', { target: 'unix:///s', statusCode: 401, stderrTail: 'no' }, { cause }),
    { target: 'unix:///s', statusCode: 401, stderrTail: 'no', cause },
  ],
  [new api.HandshakeError('m', { stderrTail: 'panic' }, { cause }), { stderrTail: 'panic', cause }],
  [
    new api.UnsupportedServerError('m', { serverVersion: '0.1.0', oldestVersion: '0.80.0' }),
    { serverVersion: '0.1.0', oldestVersion: '0.80.0' },
  ],
  [
    new api.RpcError('m', { method: 'a/b', rpcCode: -32600, data: [1] }),
    { method: 'a/b', rpcCode: -32600, data: [1] },
  ],
  [
    new api.OverloadedError('m', { method: 'a/b', attempts: 4 }, { cause }),
    { method: 'a/b', attempts: 4, cause },
  ],
  [new api.RequestTimeoutError('m', { method: 'a/b', timeoutMs: 5 }), { method: 'a/b', timeoutMs: 5 }],
  [new api.ServerClosedError('m', exit, { cause }), { ...exit, cause }],
  [new api.ProtocolError('m', { cause }), { cause }],
  [new api.BackpressureError('m', { missed: 3 }), { missed: 3 }],
  [new api.AlreadyRespondedError('m'), {}],
  [new api.StaleRequestError('m'), {}],
  [new api.ConcurrentReadError('m'), {}],
  [new api.AlreadyReadError('m'), {}],
  [new api.TurnFailedError('m', { result: aFailure }, { cause }), { result: aFailure, cause }],
  [
    new api.ThreadRunError('m', { thread: aThread }, { cause }),
    { thread: aThread, threadId: 'a thread', cause },
  ],
  [new api.ThreadBusyError('m', { threadId: 't' }), { threadId: 't' }],
  [new api.ThreadBusyElsewhereError('m', { threadId: 't' }, { cause }), { threadId: 't', cause }],
  [
    new api.ResumeWouldSpendError('m', { threadId: 't', goal: aGoal, queued: [] }),
    { threadId: 't', goal: aGoal, queued: [] },
  ],
  [
    new api.TurnNotFoundError('m', { threadId: 't', turnId: 'u' }, { cause }),
    { threadId: 't', turnId: 'u', cause },
  ],
  [
    new api.TurnRemovedError('m', { threadId: 't', clientUserMessageId: 'k' }),
    { threadId: 't', clientUserMessageId: 'k' },
  ],
  [new api.TurnOutcomeUnknownError('m', { result: aResult }, { cause }), { result: aResult, cause }],
  [
    new api.BudgetExceededError('m', { totalTokens: 1, spentTokens: 2, result: aResult }, { cause }),
    { totalTokens: 1, spentTokens: 2, result: aResult, cause },
  ],
  [
    new api.OutputMismatchError('m', { text: '[', issues: [{ message: 'no JSON' }], result: aCompletion }),
    { text: '[', issues: [{ message: 'no JSON' }], result: aCompletion },
  ],
];

describe.each(errors.map(([error, details]) => [error.name, error, details] as const))(
  '%s',
  (name, error, details) => {
    test('is a CodexClientError with its own name, message and details', () => {
      expect(error).toBeInstanceOf(CodexClientError);
      expect(error).toBeInstanceOf(Error);
      expect(error.constructor.name).toBe(name);
      expect(String(error)).toBe(`${name}: m`);
      expect(error).toMatchObject(details);
    });

    test('has no cause member unless it wraps something', () => {
      expect(Object.hasOwn(error, 'cause')).toBe('cause' in details);
    });

    test('its stack names it', () => {
      expect(error.stack).toContain(`${name}: m`);
    });
  },
);

test('every exported error class is among them', () => {
  const classes = Object.values(api).filter(
    (value) => typeof value === 'function' && value.prototype instanceof CodexClientError,
  );
  expect(new Set(errors.map(([error]) => error.constructor))).toEqual(new Set(classes));
});
