/** What `AsyncClient.supervise` takes: it refuses at once what cannot work, and fills in the rest. */
import { AsyncClient, InvalidArgumentError, type SuperviseOptions } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { supervisionOf } from '../../src/client/supervise-options.js';

/** A folder that is there. */
const HOME = process.cwd();

describe('the defaults', () => {
  test('are five restarts within a minute, the first at once, and no health check', () => {
    expect(supervisionOf({})).toEqual({
      server: { start: { experimentalApi: true } },
      restart: { maxRestarts: 5, withinMs: 60_000, firstDelayMs: 0 },
      healthCheck: undefined,
    });
  });

  test('of a health check are asked for with {}', () => {
    expect(supervisionOf({ healthCheck: {} }).healthCheck).toEqual({ everyMs: 10_000, timeoutMs: 30_000 });
  });

  test('of the experimental API can be turned off; what it is for is in its text', () => {
    expect(supervisionOf({ experimentalApi: false })).toMatchObject({
      server: { start: { experimentalApi: false } },
    });
  });
});

test('the other options are those of a start, or with `connect` those of a connection', () => {
  const start = supervisionOf({ codexHome: HOME, restart: { maxRestarts: Number.POSITIVE_INFINITY } });
  expect(start.server).toEqual({ start: { codexHome: HOME, experimentalApi: true } });
  expect(start.restart.maxRestarts).toBe(Number.POSITIVE_INFINITY);
  const target = { socketPath: '/run/codex.sock' };
  expect(supervisionOf({ connect: target, connectTimeoutMs: 5 }).server).toEqual({
    connect: target,
    options: { connectTimeoutMs: 5, experimentalApi: true },
  });
});

describe('what cannot work is refused by name, and nothing is started', () => {
  const bad: readonly [argument: string, options: unknown][] = [
    ['options', null],
    ['options', 'codex'],
    ['options.restrat', { restrat: {} }],
    ['options.restart', { restart: 5 }],
    ['options.restart.maxRestarts', { restart: { maxRestarts: -1 } }],
    ['options.restart.maxRestarts', { restart: { maxRestarts: 1.5 } }],
    ['options.restart.withinMs', { restart: { withinMs: 0 } }],
    ['options.restart.firstDelayMs', { restart: { firstDelayMs: -1 } }],
    ['options.restart.delayMs', { restart: { delayMs: 1 } }],
    ['options.healthCheck', { healthCheck: true }],
    ['options.healthCheck.everyMs', { healthCheck: { everyMs: 0 } }],
    ['options.healthCheck.timeoutMs', { healthCheck: { timeoutMs: '5s' } }],
    ['options.signal', { signal: new AbortController().signal }],
    ['options.connect', { connect: 'unix:///run/codex.sock' }],
    ['options.connect.socketPath', { connect: { socketPath: 'unix:///run/codex.sock' } }],
    ['options.codexHome', { connect: { socketPath: '/run/codex.sock' }, codexHome: '/home' }],
    ['options.connectTimeoutMs', { connectTimeoutMs: 5 }],
    ['options.requestTimeoutMs', { requestTimeoutMs: -1 }],
    ['options.codexPath', { codexPath: 7 }],
    ['options.cwd', { cwd: '/there/is/no/such/folder' }],
    ['options.config.a', { config: { a: () => 1 } }],
    ['options.command', { command: ['codex'], args: ['app-server'] }],
    ['options.standingAnswers["item/tool/call"]', { standingAnswers: { 'item/tool/call': () => 1 } }],
    ['options.standingAnswers', { connect: { url: 'ws://127.0.0.1' }, standingAnswers: 7 }],
  ];
  test.each(bad)('%s (%j)', (argument, options) => {
    const supervise = () => AsyncClient.supervise(options as SuperviseOptions);
    expect(supervise).toThrow(InvalidArgumentError);
    expect(supervise).toThrow(expect.objectContaining({ argument }));
  });

  test('a near miss is pointed at', () => {
    expect(() => AsyncClient.supervise({ restrat: {} } as SuperviseOptions)).toThrow(
      'did you mean "restart"?',
    );
  });
});
