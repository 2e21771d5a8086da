/**
 * What other programs rely on, written down as literals: a change here is a change for users, so it is made on
 * purpose, and CHANGELOG.md says so.
 */
import { readFileSync } from 'node:fs';
import * as api from 'codex-async-client';
import * as otel from 'codex-async-client/otel';
import * as testing from 'codex-async-client/testing';
import * as view from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import * as defaults from '../src/support/defaults.js';

const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const ERROR_CODES = {
  InvalidArgumentError: 'CODEX_INVALID_ARGUMENT',
  SpawnError: 'CODEX_SPAWN',
  ConnectionError: 'CODEX_CONNECTION',
  HandshakeError: 'CODEX_HANDSHAKE',
  UnsupportedServerError: 'CODEX_UNSUPPORTED_SERVER',
  RpcError: 'CODEX_RPC',
  OverloadedError: 'CODEX_OVERLOADED',
  RequestTimeoutError: 'CODEX_REQUEST_TIMEOUT',
  ServerClosedError: 'CODEX_SERVER_CLOSED',
  ProtocolError: 'CODEX_PROTOCOL',
  BackpressureError: 'CODEX_BACKPRESSURE',
  AlreadyRespondedError: 'CODEX_ALREADY_RESPONDED',
  StaleRequestError: 'CODEX_STALE_REQUEST',
  ConcurrentReadError: 'CODEX_CONCURRENT_READ',
  AlreadyReadError: 'CODEX_ALREADY_READ',
  TurnFailedError: 'CODEX_TURN_FAILED',
  ThreadRunError: 'CODEX_THREAD_RUN',
  ThreadBusyError: 'CODEX_THREAD_BUSY',
  ThreadBusyElsewhereError: 'CODEX_THREAD_BUSY_ELSEWHERE',
  ResumeWouldSpendError: 'CODEX_RESUME_WOULD_SPEND',
  TurnNotFoundError: 'CODEX_TURN_NOT_FOUND',
  TurnRemovedError: 'CODEX_TURN_REMOVED',
  TurnOutcomeUnknownError: 'CODEX_TURN_OUTCOME_UNKNOWN',
  BudgetExceededError: 'CODEX_BUDGET_EXCEEDED',
  OutputMismatchError: 'CODEX_OUTPUT_MISMATCH',
} as const satisfies Record<string, api.CodexErrorCode>;

/** The errors that only the entry point for tests has. */
const TESTING_ERROR_CODES = {
  TapeMismatchError: 'CODEX_TAPE_MISMATCH',
} as const satisfies Record<string, api.CodexErrorCode>;

describe('pins', () => {
  test.each(Object.entries({ ...ERROR_CODES, ...TESTING_ERROR_CODES }))(
    '%s has the code %s',
    (name, code) => {
      const made: unknown = Reflect.construct(Object(Reflect.get({ ...testing, ...api }, name)), [
        'm',
        {},
        {},
      ]);
      expect(made).toMatchObject({ name, code });
    },
  );

  test('no error class has a code that is not pinned', () => {
    const names = Object.keys(api).filter((name) => name.endsWith('Error') && name !== 'CodexClientError');
    expect(names.toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
  });

  test('the main entry point exports these names', () => {
    expect(Object.keys(api).toSorted()).toEqual(
      [
        ...Object.keys(ERROR_CODES),
        'CodexClientError',
        'AsyncClient',
        'PROTOCOL_VERSION',
        'accept',
        'approve',
        'defineTools',
        'deny',
        'plainCommandOf',
        'serverSentEvents',
      ].toSorted(),
    );
  });

  test('the entry point for tests exports these names', () => {
    expect(Object.keys(testing).toSorted()).toEqual(
      [
        ...Object.keys(TESTING_ERROR_CODES),
        'LocalModelProvider',
        'applyPatch',
        'commentary',
        'customToolCall',
        'disconnect',
        'echo',
        'everyCrash',
        'everySplit',
        'failure',
        'fakeThreadRun',
        'fakeTurnRun',
        'finalAnswer',
        'gate',
        'httpError',
        'rawEvent',
        'rawReasoning',
        'readTape',
        'reasoning',
        'recordTape',
        'repeatText',
        'replayTape',
        'requestPermissions',
        'requestUserInput',
        'shellCommand',
        'spawnAgent',
        'text',
        'toolCall',
        'usage',
      ].toSorted(),
    );
  });

  test('the entry point for views exports these names', () => {
    expect(Object.keys(view).toSorted()).toEqual([
      'applyMessage',
      'emptyView',
      'requestKey',
      'threadIdOf',
      'viewOfThread',
    ]);
  });

  test('the entry point for traces exports these names', () => {
    expect(Object.keys(otel).toSorted()).toEqual([
      'SEMANTIC_CONVENTIONS_VERSION',
      'traceAll',
      'traceContextOf',
      'traced',
    ]);
    expect(otel.SEMANTIC_CONVENTIONS_VERSION).toBe('1.41.0');
  });

  test('the defaults', () => {
    expect({ ...defaults }).toEqual({
      CONFIG_MAX_DEPTH: 64,
      DEFAULT_CONNECT_TIMEOUT_MS: 30_000,
      DEFAULT_HEALTH_CHECK_INTERVAL_MS: 10_000,
      DEFAULT_HEALTH_CHECK_TIMEOUT_MS: 30_000,
      DEFAULT_HIGH_WATER_MARK: 1_024,
      DEFAULT_IDLE_TIMEOUT_MS: 30_000,
      DEFAULT_KEEP_ALIVE_MS: 15_000,
      DEFAULT_KEEP_BYTES: 8_388_608,
      DEFAULT_MAX_BYTES: 67_108_864,
      DEFAULT_MAX_HELD_BYTES: 16_777_216,
      DEFAULT_MAX_IN_FLIGHT_REQUESTS: 64,
      DEFAULT_MAX_LINE_BYTES: 268_435_456,
      DEFAULT_MAX_OUTGOING_BYTES: 67_108_864,
      DEFAULT_MAX_RESTARTS: 5,
      DEFAULT_PING_INTERVAL_MS: 10_000,
      DEFAULT_PONG_TIMEOUT_MS: 30_000,
      DEFAULT_REQUEST_TIMEOUT_MS: 60_000,
      DEFAULT_RESTARTS_WITHIN_MS: 60_000,
      DEFAULT_SHUTDOWN_GRACE_MS: 2_000,
      DEFAULT_TAP_MAX_HELD_BYTES: 16_777_216,
      FIRST_LOOK_PAUSE_MS: 250,
      FIRST_RESTART_BACKOFF_MS: 250,
      GOAL_GAP_MS: 250,
      LAST_WORDS_MS: 1_000,
      OBJECTIVE_MAX_LENGTH: 4_000,
      IDLE_STATUS_GRACE_MS: 1_000,
      LONGEST_LOOK_PAUSE_MS: 2_000,
      MAX_RESTART_DELAY_MS: 10_000,
      MAX_TIMEOUT_MS: 2_147_483_647,
      MIN_WAIT_AFTER_KILL_MS: 1_000,
      STDERR_AFTER_EXIT_MAX_BYTES: 1_048_576,
      STDERR_LINE_MAX_BYTES: 16_384,
      STDERR_QUEUE_MAX_BYTES: 262_144,
      STDERR_QUEUE_MAX_LINES: 1_000,
      STDERR_TAIL_MAX_BYTES: 16_384,
      UNDER_WAY_MS: 2_000,
    });
  });

  test('the entry points, and the programs', () => {
    expect(manifest).toMatchObject({
      name: 'codex-async-client',
      type: 'module',
      engines: { node: '>=20.19' },
      exports: {
        '.': { types: './dist/index.d.ts', default: './dist/index.js' },
        './testing': { types: './dist/testing/index.d.ts', default: './dist/testing/index.js' },
        './view': { types: './dist/view/index.d.ts', default: './dist/view/index.js' },
        './otel': { types: './dist/otel/index.d.ts', default: './dist/otel/index.js' },
        './package.json': './package.json',
      },
      peerDependencies: { '@openai/codex': '>=0.117.0', '@opentelemetry/api': '^1.3.0' },
      peerDependenciesMeta: {
        '@openai/codex': { optional: true },
        '@opentelemetry/api': { optional: true },
      },
      bin: {
        'codex-async-client': 'dist/doctor/codex-async-client.js',
        'codex-tape': 'dist/testing/replay/codex-tape.js',
      },
    });
  });
});
