/**
 * The options of a client: their shape, their check, and the session settings they come to. The options of the
 * process are the app-server room's.
 */
import { constants } from 'node:buffer';
import type { ConnectServerOptions } from '../app-server/connection/connect-server.js';
import { APP_SERVER_OPTION_NAMES, type AppServerOptions } from '../app-server/launch/server-options.js';
import type { ClientInfo, InitializeCapabilities } from '../protocol/generated.js';
import { type StandingAnswers, StandingAnswerTable } from '../session/answers/standing-answers.js';
import { countingIds, suppliedIds } from '../session/requests/request-ids.js';
import type { SessionSettings } from '../session/session.js';
import {
  checkBoolean,
  checkKnownKeys,
  checkSignal,
  checkText,
  checkTextList,
  checkTimeLimit,
  checkWholeNumber,
  isPlainObject,
  rejectArgument,
} from '../support/argument-checks.js';
import {
  DEFAULT_CONNECT_TIMEOUT_MS,
  DEFAULT_HIGH_WATER_MARK,
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_IN_FLIGHT_REQUESTS,
  DEFAULT_MAX_LINE_BYTES,
  DEFAULT_MAX_OUTGOING_BYTES,
  DEFAULT_PING_INTERVAL_MS,
  DEFAULT_PONG_TIMEOUT_MS,
  DEFAULT_SHUTDOWN_GRACE_MS,
  MAX_TIMEOUT_MS,
} from '../support/defaults.js';
import { InvalidArgumentError } from '../support/errors.js';
import { jsonText } from '../support/json-text.js';

/** How much may be held unread; see the guide to backpressure. */
export interface BufferOptions {
  /**
   * Messages held without demand; then the pipe is left to fill and the server waits.
   * @defaultValue 1,024
   */
  readonly highWaterMark?: number | undefined;
  /**
   * Message text held with demand (a pending request, a stuck write, a reader of an empty stream), in bytes over
   * all streams; then the stream that holds most is cut (see `maxHeldBytes`), and where none can be, the demand fails with
   * `BackpressureError`. A message of many small values, which takes far more
   * memory than its text, counts as what it takes.
   * @defaultValue 67,108,864 (64 MiB)
   */
  readonly maxBytes?: number | undefined;
  /**
   * Text that waits to be sent, in bytes: requests in line for a place, and lines that the server's pipe does not take.
   * While it is reached, requests and notifications are refused with `BackpressureError`; interrupts, their like
   * and answers to server requests pass. A single text may be longer.
   * @defaultValue 67,108,864 (64 MiB)
   */
  readonly maxOutgoingBytes?: number | undefined;
  /**
   * Reads whatever is held, for a server that may not be held back: one that disconnects whoever does not read. The bounds
   * are the same; what finds no room is not held, also on an open main stream, and its reader is told how much it missed.
   * What the server asks is held all the same.
   * @defaultValue false; always on for `AsyncClient.connect`
   */
  readonly neverPauses?: boolean | undefined;
}

/** Options that do not concern the process: the same for a child that was spawned or attached, and for a connection. */
export interface ClientOptions {
  /**
   * Who we are, for the handshake.
   * @defaultValue this package's name and version
   */
  readonly clientInfo?: Partial<ClientInfo> | undefined;
  /** More capabilities for the handshake. @defaultValue none */
  readonly capabilities?: Partial<InitializeCapabilities> | undefined;
  /** Asks the server for experimental methods and fields. @defaultValue false */
  readonly experimentalApi?: boolean | undefined;
  /** Notifications the server shall not send. @defaultValue none */
  readonly optOutNotificationMethods?: readonly string[] | undefined;
  /**
   * The time limit of requests, in milliseconds; `0` for none. Methods that answer only when outside work ends
   * (`command/exec` and its like) have no limit unless the call gives one.
   * @defaultValue 60,000
   */
  readonly requestTimeoutMs?: number | undefined;
  /** Ids for requests, each given once. @defaultValue 1, 2, 3, ... */
  readonly requestIds?: Iterable<string | number> | undefined;
  /**
   * Requests that may be unanswered at once; the rest wait in line.
   * @defaultValue 64
   */
  readonly maxInFlightRequests?: number | undefined;
  /** How much may be held unread. @defaultValue the defaults of {@link BufferOptions} */
  readonly buffer?: BufferOptions | undefined;
  /**
   * The longest line the server may write, over a connection the longest message, in bytes; a longer one closes the client.
   * @defaultValue 268,435,456 (256 MiB)
   */
  readonly maxLineBytes?: number | undefined;
  /**
   * Answers given beforehand: server request method -> result. They are checked against the types, because the server's
   * version is not known yet; what only another version knows is set with `setStandingAnswer` after the handshake.
   * @defaultValue none: nothing is approved by itself
   */
  readonly standingAnswers?: StandingAnswers | undefined;
  /** Goes on with a server that is older than the oldest supported version. @defaultValue false */
  readonly allowUnsupportedServer?: boolean | undefined;
}

/** Options of `AsyncClient.start` and `AsyncClient.spawn`. */
export interface StartOptions extends AppServerOptions, ClientOptions {
  /** Aborting before the start is done ends the process and rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `AsyncClient.attach`. */
export interface AttachOptions extends ClientOptions, Pick<AppServerOptions, 'shutdownGraceMs'> {}

/** Options of `AsyncClient.connect`. */
export interface ConnectOptions extends ClientOptions {
  /**
   * How long it may take until the connection stands, the handshake not counted. Milliseconds; `0` for no limit.
   * @defaultValue 30,000
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * The silence after which a ping asks whether the other end is still there, and the pause before the next one while none is
   * answered: a proxy may not tell by itself that the server has gone. Milliseconds; `0` never asks.
   * @defaultValue 10,000
   */
  readonly pingIntervalMs?: number | undefined;
  /**
   * How long the answer to a ping may take; then the connection is taken for gone. Any byte is an answer. Milliseconds.
   * @defaultValue 30,000
   */
  readonly pongTimeoutMs?: number | undefined;
  /**
   * How long an end, said by `shutdown()` or by the server, waits for the other end before the connection is cut, and how
   * long each step of ending a proxy waits. Milliseconds; `0` goes on at once.
   * @defaultValue 2,000
   */
  readonly shutdownGraceMs?: number | undefined;
  /** Aborting before the handshake is done ends the connection and rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

const CLIENT_OPTION_NAMES = [
  'clientInfo',
  'capabilities',
  'experimentalApi',
  'optOutNotificationMethods',
  'requestTimeoutMs',
  'requestIds',
  'maxInFlightRequests',
  'buffer',
  'maxLineBytes',
  'standingAnswers',
  'allowUnsupportedServer',
] as const satisfies readonly (keyof ClientOptions)[];

/**
 * @param others - names of options that are not those of a client, and are checked elsewhere
 * @throws InvalidArgumentError when an option is unknown or has a value that cannot work
 */
export function checkStartOptions(options: StartOptions, others: readonly string[] = []): void {
  const known = [...APP_SERVER_OPTION_NAMES, ...CLIENT_OPTION_NAMES, 'signal', ...others];
  checkKnownKeys('options', options, known);
  checkSignal('options.signal', options.signal);
  checkClientOptions(options);
}

/** @throws InvalidArgumentError when an option is unknown or has a value that cannot work */
export function checkAttachOptions(options: AttachOptions): void {
  checkKnownKeys('options', options, [...CLIENT_OPTION_NAMES, 'shutdownGraceMs']);
  checkTimeLimit('options.shutdownGraceMs', options.shutdownGraceMs);
  checkClientOptions(options);
}

const CONNECTION_TIMES = ['connectTimeoutMs', 'pingIntervalMs', 'shutdownGraceMs'] as const;

/**
 * @param others - names of options that are not those of a client, and are checked elsewhere
 * @throws InvalidArgumentError when an option is unknown or has a value that cannot work
 */
export function checkConnectOptions(options: ConnectOptions, others: readonly string[] = []): void {
  const known = [...CLIENT_OPTION_NAMES, ...CONNECTION_TIMES, 'pongTimeoutMs', 'signal', ...others];
  checkKnownKeys('options', options, known);
  checkSignal('options.signal', options.signal);
  for (const name of CONNECTION_TIMES) checkTimeLimit(`options.${name}`, options[name]);
  checkWholeNumber('options.pongTimeoutMs', options.pongTimeoutMs, {
    min: 1,
    max: MAX_TIMEOUT_MS,
    unit: 'milliseconds',
  });
  checkClientOptions(options);
  if (options.buffer?.neverPauses === false) {
    const message =
      'options.buffer.neverPauses: a server disconnects a connection that is not read, so it is always true here; what finds no room is merged or cut';
    throw new InvalidArgumentError('options.buffer.neverPauses', message);
  }
}

/** How a connection is made and kept, defaults filled in. @internal */
export function connectionOf(options: ConnectOptions): ConnectServerOptions {
  return {
    timeoutMs: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    signal: options.signal,
    maxMessageBytes: options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES,
    graceMs: options.shutdownGraceMs ?? DEFAULT_SHUTDOWN_GRACE_MS,
    pulse: {
      intervalMs: options.pingIntervalMs ?? DEFAULT_PING_INTERVAL_MS,
      limitMs: options.pongTimeoutMs ?? DEFAULT_PONG_TIMEOUT_MS,
    },
  };
}

/** The settings of a session over a connection, which is read at all times: the server drops a client that is not. @internal */
export function connectionSettingsOf(options: ConnectOptions): SessionSettings {
  return sessionSettingsOf({ ...options, buffer: { ...options.buffer, neverPauses: true } });
}

/** The options of the process among the options of a start. */
export function appServerOptionsOf(options: StartOptions): AppServerOptions {
  const { codexPath, args, command, cwd, env, codexHome, config, shutdownGraceMs } = options;
  return { codexPath, args, command, cwd, env, codexHome, config, shutdownGraceMs };
}

/** The settings of a session, defaults filled in. @internal */
export function sessionSettingsOf(options: ClientOptions): SessionSettings {
  return {
    flow: {
      highWaterMark: options.buffer?.highWaterMark ?? DEFAULT_HIGH_WATER_MARK,
      maxBytes: options.buffer?.maxBytes ?? DEFAULT_MAX_BYTES,
      neverPauses: options.buffer?.neverPauses,
    },
    maxLineBytes: options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES,
    maxOutgoingBytes: options.buffer?.maxOutgoingBytes ?? DEFAULT_MAX_OUTGOING_BYTES,
    maxInFlightRequests: options.maxInFlightRequests ?? DEFAULT_MAX_IN_FLIGHT_REQUESTS,
    requestIds: options.requestIds === undefined ? countingIds() : suppliedIds(options.requestIds),
    standingAnswers: new StandingAnswerTable(options.standingAnswers),
  };
}

function checkClientOptions(options: ClientOptions): void {
  const { clientInfo, capabilities, buffer, requestIds } = options;
  if (clientInfo !== undefined) {
    checkKnownKeys('options.clientInfo', clientInfo, ['name', 'title', 'version']);
    checkText('options.clientInfo.name', clientInfo.name);
    checkText('options.clientInfo.version', clientInfo.version);
    checkTitle('options.clientInfo.title', clientInfo.title);
  }
  if (capabilities !== undefined) {
    if (!isPlainObject(capabilities)) rejectArgument('options.capabilities', capabilities, 'an object');
    jsonText('options.capabilities', capabilities);
  }
  checkBoolean('options.experimentalApi', options.experimentalApi);
  checkBoolean('options.allowUnsupportedServer', options.allowUnsupportedServer);
  checkTextList('options.optOutNotificationMethods', options.optOutNotificationMethods);
  checkTimeLimit('options.requestTimeoutMs', options.requestTimeoutMs);
  checkWholeNumber('options.maxInFlightRequests', options.maxInFlightRequests, { min: 1, unit: 'requests' });
  checkWholeNumber('options.maxLineBytes', options.maxLineBytes, {
    min: 1,
    max: constants.MAX_STRING_LENGTH,
    unit: 'bytes',
  });
  if (buffer !== undefined) checkBufferOptions(buffer);
  if (requestIds !== undefined && !isIterableObject(requestIds))
    rejectArgument('options.requestIds', requestIds, 'an iterable of strings or whole numbers');
}

/** @throws InvalidArgumentError when a client's title is neither text nor left out */
export function checkTitle(argument: string, title: unknown): void {
  if (title !== undefined && title !== null && typeof title !== 'string')
    rejectArgument(argument, title, 'a string or null');
}

function checkBufferOptions(buffer: BufferOptions): void {
  checkKnownKeys('options.buffer', buffer, ['highWaterMark', 'maxBytes', 'maxOutgoingBytes', 'neverPauses']);
  checkBoolean('options.buffer.neverPauses', buffer.neverPauses);
  checkWholeNumber('options.buffer.highWaterMark', buffer.highWaterMark, { min: 1, unit: 'messages' });
  for (const name of ['maxBytes', 'maxOutgoingBytes'] as const)
    checkWholeNumber(`options.buffer.${name}`, buffer[name], { min: 1, unit: 'bytes' });
}

/** A text can be iterated too, and is meant by nobody. */
function isIterableObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
