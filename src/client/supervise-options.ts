/** What a supervisor is given: the options of a start or of a connection, and how often it begins anew. */
import type { ConnectTarget } from '../app-server/connection/connect-target.js';
import { endpointOf } from '../app-server/connection/connect-target.js';
import { checkAppServerOptions } from '../app-server/launch/server-options-check.js';
import type { HealthTimes } from '../supervisor/health-watch.js';
import type { RestartLimits } from '../supervisor/restart-window.js';
import {
  checkKnownKeys,
  checkTimeLimit,
  checkWholeNumber,
  isPlainObject,
  rejectArgument,
} from '../support/argument-checks.js';
import {
  DEFAULT_HEALTH_CHECK_INTERVAL_MS,
  DEFAULT_HEALTH_CHECK_TIMEOUT_MS,
  DEFAULT_MAX_RESTARTS,
  DEFAULT_RESTARTS_WITHIN_MS,
  MAX_TIMEOUT_MS,
} from '../support/defaults.js';
import { InvalidArgumentError } from '../support/errors.js';
import {
  appServerOptionsOf,
  type ConnectOptions,
  checkConnectOptions,
  checkStartOptions,
  type StartOptions,
  sessionSettingsOf,
} from './client-options.js';

/** How often a server is started anew before the supervisor gives up. */
export interface RestartOptions {
  /**
   * So many restarts, starts that failed included, may fall within `withinMs`; the next one is not made, and the supervisor
   * has given up. `Infinity` never gives up; `0` starts once.
   * @defaultValue 5
   */
  readonly maxRestarts?: number | undefined;
  /** The window in which they are counted, in milliseconds. @defaultValue 60,000 */
  readonly withinMs?: number | undefined;
  /**
   * The delay before the first restart of a window, in milliseconds. The second waits 250 ms, and each that follows twice as
   * long, up to 10 seconds; none waits for less than this.
   * @defaultValue 0
   */
  readonly firstDelayMs?: number | undefined;
}

/** When a server that lives and says nothing is taken for dead. */
export interface HealthCheckOptions {
  /** The silence after which the server is asked for a sign of life, in milliseconds. @defaultValue 10,000 */
  readonly everyMs?: number | undefined;
  /** How long that may take, in milliseconds; any message is one. Then the server is ended. @defaultValue 30,000 */
  readonly timeoutMs?: number | undefined;
}

/** Options that all supervisors have. */
export interface SupervisionOptions {
  /** How often a server is started anew. @defaultValue the defaults of {@link RestartOptions} */
  readonly restart?: RestartOptions | undefined;
  /**
   * Ends a server that lives and does not answer, so that the next one is started; `{}` has the defaults of
   * {@link HealthCheckOptions}. @defaultValue none: only a server that has gone is started anew
   */
  readonly healthCheck?: HealthCheckOptions | undefined;
  /**
   * As for a client, but on by default: only so the server says what waits in the queue of a thread, and a thread that would
   * go on by itself is not resumed. With `false` queued turns are not seen.
   * @defaultValue true
   */
  readonly experimentalApi?: boolean | undefined;
}

/** A supervisor that starts servers. */
export interface SuperviseStartOptions
  extends Omit<StartOptions, 'signal' | 'experimentalApi'>,
    SupervisionOptions {
  /** What to connect to instead of starting servers; see {@link SuperviseConnectOptions}. @defaultValue none: servers are started */
  readonly connect?: undefined;
}

/** A supervisor that connects to a running server, again and again. */
export interface SuperviseConnectOptions
  extends Omit<ConnectOptions, 'signal' | 'experimentalApi'>,
    SupervisionOptions {
  /** What to connect to; see `AsyncClient.connect`. @defaultValue none: servers are started; see {@link SuperviseStartOptions} */
  readonly connect: ConnectTarget;
}

/** Options of `AsyncClient.supervise`. */
export type SuperviseOptions = SuperviseStartOptions | SuperviseConnectOptions;

/** What a supervisor does, defaults filled in. @internal */
export interface Supervision {
  readonly server:
    | { readonly start: StartOptions }
    | { readonly connect: ConnectTarget; readonly options: ConnectOptions };
  readonly restart: RestartLimits;
  readonly healthCheck: HealthTimes | undefined;
}

/** @throws InvalidArgumentError when an option is unknown or has a value that cannot work @internal */
export function supervisionOf(options: SuperviseOptions): Supervision {
  const given: unknown = options;
  if (!isPlainObject(given)) rejectArgument('options', given, 'an object');
  if (Object.hasOwn(options, 'signal')) throw noSignal();
  if (options.connect === undefined) checkStartOptions(options, SUPERVISION_NAMES);
  else {
    checkTarget(options.connect);
    checkConnectOptions(options, SUPERVISION_NAMES);
  }
  const { restart, healthCheck, connect, ...others } = options;
  const client = { ...others, experimentalApi: others.experimentalApi ?? true };
  // What is made of them for each server can be made of them.
  sessionSettingsOf(client);
  if (connect === undefined) checkAppServerOptions(appServerOptionsOf(client));
  return {
    server: connect === undefined ? { start: client } : { connect, options: client },
    restart: restartLimitsOf(restart),
    healthCheck: healthCheck === undefined ? undefined : healthTimesOf(healthCheck),
  };
}

/** What a supervisor takes besides the options of a client. */
const SUPERVISION_NAMES = ['connect', 'restart', 'healthCheck'] as const;

/** A target is called by the name that it has here. */
function checkTarget(target: ConnectTarget): void {
  try {
    endpointOf(target);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const [argument, message] = [error.argument, error.message].map((text) =>
      text.replace(/^target/, 'options.connect'),
    ) as [string, string];
    throw new InvalidArgumentError(argument, message);
  }
}

function restartLimitsOf(restart: RestartOptions = {}): RestartLimits {
  checkKnownKeys('options.restart', restart, ['maxRestarts', 'withinMs', 'firstDelayMs']);
  const { maxRestarts, withinMs, firstDelayMs } = restart;
  if (maxRestarts !== Number.POSITIVE_INFINITY)
    checkWholeNumber('options.restart.maxRestarts', maxRestarts, { min: 0, unit: 'restarts' });
  checkWholeNumber('options.restart.withinMs', withinMs, { min: 1, unit: 'milliseconds' });
  checkTimeLimit('options.restart.firstDelayMs', firstDelayMs);
  return {
    maxRestarts: maxRestarts ?? DEFAULT_MAX_RESTARTS,
    withinMs: withinMs ?? DEFAULT_RESTARTS_WITHIN_MS,
    firstDelayMs: firstDelayMs ?? 0,
  };
}

function healthTimesOf(healthCheck: HealthCheckOptions): HealthTimes {
  checkKnownKeys('options.healthCheck', healthCheck, ['everyMs', 'timeoutMs']);
  for (const name of ['everyMs', 'timeoutMs'] as const)
    checkWholeNumber(`options.healthCheck.${name}`, healthCheck[name], {
      min: 1,
      max: MAX_TIMEOUT_MS,
      unit: 'milliseconds',
    });
  return {
    everyMs: healthCheck.everyMs ?? DEFAULT_HEALTH_CHECK_INTERVAL_MS,
    timeoutMs: healthCheck.timeoutMs ?? DEFAULT_HEALTH_CHECK_TIMEOUT_MS,
  };
}

function noSignal(): InvalidArgumentError {
  const message = 'options.signal: a supervisor has no start to give up; shutdown() ends it, at any time';
  return new InvalidArgumentError('options.signal', message);
}
