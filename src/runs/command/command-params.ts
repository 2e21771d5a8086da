/** What a command run takes: its params, its options, and their checks. */
import { Buffer } from 'node:buffer';
import type { CommandExecParams, CommandExecTerminalSize } from '../../protocol/generated.js';
import type { TraceContext } from '../../session/requests/request-options.js';
import {
  checkBoolean,
  checkKnownKeys,
  checkText,
  checkWholeNumber,
  isPlainObject,
  rejectArgument,
} from '../../support/argument-checks.js';

/**
 * The params of `command/exec`. What a run needs to stream is set by the run itself, and what would cut it short is off
 * unless you ask for it: without `timeoutMs` the command has no time limit (the server's own is 10 s), and without
 * `outputBytesCap` its output is not cut (the server's own cap is 1 MiB).
 */
export type CommandRunParams = Omit<CommandExecParams, 'processId' | 'streamStdin' | 'streamStdoutStderr'> & {
  /** The name of the process on this connection. @defaultValue a random UUID */
  readonly processId?: string | undefined;
  /**
   * All of the command's input: it is written, then stdin is closed; `''` for a command that must see no input.
   * Left out, stdin stays open for `CommandRun.write` until `CommandRun.closeStdin`.
   */
  readonly input?: string | Uint8Array | undefined;
};

/** Options of a command run. */
export interface CommandRunOptions {
  /** Aborting terminates the command; the streams and `result()` fail with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long the command may run, in milliseconds; `0` for no limit. After that it is terminated, and the streams and
   * `result()` fail with `RequestTimeoutError`. (The param `timeoutMs` is the server's: there the command ends
   * with exit code 124.)
   * @defaultValue 0
   */
  readonly timeoutMs?: number | undefined;
  /** W3C trace context of the `command/exec` request. */
  readonly trace?: TraceContext | undefined;
}

/** The most rows or columns of a terminal. */
const TERMINAL_MAX_CELLS = 65_535;

/** The params as the protocol has them. */
export interface CheckedCommand {
  readonly execParams: CommandExecParams & { readonly processId: string };
  /** All of the input, when it is known from the start. */
  readonly input: Uint8Array | undefined;
}

/** @throws InvalidArgumentError when the params cannot run a command */
export function checkedCommand(params: CommandRunParams): CheckedCommand {
  if (!isPlainObject(params)) rejectArgument('params', params, 'an object with command');
  checkCommand(params.command);
  checkText('params.processId', params.processId);
  checkBoolean('params.tty', params.tty);
  const given: Readonly<Record<string, unknown>> = params;
  for (const name of ['streamStdin', 'streamStdoutStderr'])
    if (given[name] !== undefined)
      rejectArgument(`params.${name}`, given[name], 'nothing: the run sets it itself');
  if (params.size !== undefined && params.size !== null) checkTerminalSize('params.size', params.size);
  const { input: inputText, ...rest } = params;
  const input = inputText === undefined ? undefined : bytesOf('params.input', inputText);
  const execParams = {
    ...rest,
    ...limitsOf(params),
    processId: params.processId ?? crypto.randomUUID(),
    streamStdin: input?.length !== 0,
    streamStdoutStderr: true,
  };
  return { execParams, input: input?.length === 0 ? undefined : input };
}

/** @throws InvalidArgumentError when it is no size of a terminal */
export function checkTerminalSize(argument: string, size: CommandExecTerminalSize): void {
  checkKnownKeys(argument, size, ['rows', 'cols']);
  for (const name of ['rows', 'cols'] as const) {
    const range = { min: 1, max: TERMINAL_MAX_CELLS, unit: 'character cells' };
    if (size[name] === undefined)
      rejectArgument(`${argument}.${name}`, undefined, `a whole number of ${range.unit}`);
    checkWholeNumber(`${argument}.${name}`, size[name], range);
  }
}

/** Text as UTF-8, bytes as they are. @throws InvalidArgumentError */
export function bytesOf(argument: string, data: string | Uint8Array): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof Uint8Array) return data;
  rejectArgument(argument, data, 'a string or a Uint8Array');
}

function checkCommand(command: unknown): void {
  const expected = 'a non-empty array of strings, such as ["ls", "-l"]';
  if (typeof command === 'string')
    rejectArgument('params.command', command, `${expected}; for a shell, ["sh", "-c", command]`);
  const isArgv =
    Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === 'string');
  if (!isArgv) rejectArgument('params.command', command, expected);
}

/** A command whose reader decides how fast it goes has no time limit, and loses no output, unless it is asked for. */
function limitsOf(params: CommandRunParams): Partial<CommandExecParams> {
  return {
    disableTimeout: params.disableTimeout ?? (params.timeoutMs ?? null) === null,
    disableOutputCap: params.disableOutputCap ?? (params.outputBytesCap ?? null) === null,
  };
}
