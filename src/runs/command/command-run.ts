/**
 * A command in the user's hands: an async iterable of its output, its two streams by themselves, its input and its
 * controls. Owns the order of writes; everything else is the lifecycle's.
 */
import { Buffer } from 'node:buffer';
import type { CommandExecOutputStream, CommandExecTerminalSize } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { checkRequestOptions } from '../../session/requests/request-checks.js';
import { HELD_OPTION_NAMES } from '../../session/streams/held-options.js';
import { markHandled } from '../../support/deferred.js';
import { type PulledStream, PullStream } from '../../support/pull-stream.js';
import { pointToResult } from '../result-hints.js';
import { type ByteStream, LiveByteStream } from './byte-stream.js';
import { CommandLifecycle, isNotRunning } from './command-lifecycle.js';
import {
  bytesOf,
  type CommandRunOptions,
  type CommandRunParams,
  checkedCommand,
  checkTerminalSize,
} from './command-params.js';
import type { CommandOutputChunk } from './command-queue.js';

/** What a command came to. */
export interface CommandResult {
  /** The exit code; after {@link CommandRun.terminate} 137 (1 with `tty`), 124 when the param `timeoutMs` ended it. */
  readonly exitCode: number;
  /** The text of stdout, or `''` when somebody else reads it. */
  readonly stdout: string;
  /** The text of stderr, or `''` when somebody else reads it. With `tty`, stdout carries both. */
  readonly stderr: string;
}

/** Bytes of input in one request: large enough to be cheap, small enough that other requests get in between. */
const WRITE_MAX_BYTES = 256 * 1024;

/**
 * One command. Iterate the run for both streams in the order in which the server sent them, or read {@link CommandRun.stdout}
 * and {@link CommandRun.stderr} by themselves; a stream that is read by itself does not come to the run's own loop.
 *
 * A slow reader slows the command down. A stream that nobody reads waits: it counts as unread like any other message, so
 * when a command floods stderr while only stdout is read, stderr is cut at `maxHeldBytes`, and its reader is told how many
 * pieces it missed; read both, or {@link ByteStream.discard} one.
 *
 * Leaving a loop early, `await using`, or aborting terminates the command. Without any of that it runs to its end.
 */
export interface CommandRun extends PulledStream<CommandOutputChunk> {
  /** The bytes that the command writes to stdout. */
  readonly stdout: ByteStream;

  /** The bytes that the command writes to stderr; none with `tty`. */
  readonly stderr: ByteStream;

  /** The command's name on this connection. */
  readonly processId: string;

  /**
   * How the command ended, whatever its exit code, with the text of the streams that nobody else reads; works after,
   * instead of, or beside iteration. While it waits it is a demand: beside a slow reader, up to `buffer.maxBytes` of
   * output are held. To keep a pipeline's backpressure, await it after the loop.
   *
   * @throws RpcError when the server refused the command or could not start it
   * @throws RequestTimeoutError after `timeoutMs`
   * @throws ServerClosedError when the server went before the command was over
   * @throws BackpressureError when unread messages fill `buffer.maxBytes`; the command goes on, and so does a
   * second `result()` once they are read; and, with `missed`, when the output that it read was cut
   */
  result(): Promise<CommandResult>;

  /**
   * Writes to the command's stdin, after what was written before. Settles when the server has taken it.
   *
   * @throws InvalidArgumentError when `data` is neither a string nor bytes
   * @throws RpcError when the command is over or its stdin is closed
   */
  write(data: string | Uint8Array): Promise<void>;

  /**
   * Closes the command's stdin after what was written before; with `tty`, sends the end-of-file character. Idempotent.
   *
   * @throws what `AsyncClient.request` does; a command that is over is no failure
   */
  closeStdin(): Promise<void>;

  /**
   * Gives the command's terminal another size.
   *
   * @throws InvalidArgumentError when it is no size of a terminal
   * @throws RpcError when the command is over or has no terminal
   */
  resize(size: CommandExecTerminalSize): Promise<void>;

  /**
   * Kills the command; its output stays readable, and `result()` gives its exit code. One that is over stays as it is.
   *
   * @throws what `AsyncClient.request` does
   */
  terminate(): Promise<void>;
}

/** A command at a server. */
class LiveCommandRun extends PullStream<CommandOutputChunk> implements CommandRun {
  readonly #command: CommandLifecycle;
  readonly stdout: ByteStream;
  readonly stderr: ByteStream;
  /** Settles when the writes so far have been taken. */
  #written: Promise<void> = Promise.resolve();
  #stdinClosing: Promise<void> | undefined;

  static {
    pointToResult(LiveCommandRun.prototype, ['exitCode'] satisfies (keyof CommandResult)[]);
  }

  /** @internal */
  constructor(command: CommandLifecycle) {
    super();
    this.#command = command;
    this.stdout = this.#streamOf('stdout');
    this.stderr = this.#streamOf('stderr');
  }

  get processId(): string {
    return this.#command.processId;
  }

  async result(): Promise<CommandResult> {
    const { output } = this.#command;
    markHandled(output.collect());
    const { exitCode } = await this.#command.outcome;
    await output.collect();
    return { exitCode, stdout: output.textOf('stdout'), stderr: output.textOf('stderr') };
  }

  async write(data: string | Uint8Array): Promise<void> {
    const pieces = base64Pieces(bytesOf('data', data));
    await this.#inTurn(async () => {
      for (const deltaBase64 of pieces) await this.#tellOfStdin({ deltaBase64 });
    });
  }

  closeStdin(): Promise<void> {
    this.#stdinClosing ??= this.#inTurn(() => unlessOver(this.#tellOfStdin({ closeStdin: true })));
    return this.#stdinClosing;
  }

  async resize(size: CommandExecTerminalSize): Promise<void> {
    checkTerminalSize('size', size);
    const { peer, processId } = this.#command;
    await this.#command.tell(() => peer.call('command/exec/resize', { processId, size }));
  }

  async terminate(): Promise<void> {
    const { peer, processId, sent } = this.#command;
    await sent;
    const terminate = () => peer.call('command/exec/terminate', { processId });
    if (!this.#command.isOver) await unlessOver(this.#command.tell(terminate));
  }

  /** @internal */
  protected override take(): Promise<CommandOutputChunk | undefined> {
    return this.#command.output.take();
  }

  /** @internal */
  protected override leave(): void {
    this.#command.leave();
  }

  #streamOf(stream: CommandExecOutputStream): ByteStream {
    const { output } = this.#command;
    return new LiveByteStream({
      take: () => output.takeOf(stream),
      leave: () => this.#command.leave(),
      discard: () => output.discard(stream),
    });
  }

  #tellOfStdin(input: { readonly deltaBase64: string } | { readonly closeStdin: true }): Promise<void> {
    const { peer, processId } = this.#command;
    return this.#command.tell(() => peer.call('command/exec/write', { processId, ...input }));
  }

  /** One write at a time: a request that is retried after an overload would otherwise be overtaken by the next. */
  #inTurn(write: () => Promise<void>): Promise<void> {
    const turn = this.#written.then(write);
    this.#written = turn.catch(() => {});
    return turn;
  }
}

/**
 * Starts a command.
 * @throws InvalidArgumentError when params or options are bad; nothing was sent
 * @internal
 */
export function commandRun(
  peer: Peer,
  params: CommandRunParams,
  options: CommandRunOptions = {},
): CommandRun {
  checkRequestOptions(options, HELD_OPTION_NAMES);
  peer.checkHeldOptions(options);
  peer.checkParams('command/exec', params, { more: ['input'] });
  const { execParams, input } = checkedCommand(params);
  const command = new CommandLifecycle(peer, execParams.processId, options);
  const run = new LiveCommandRun(command);
  command.start(execParams);
  if (input !== undefined) {
    // A command may end without reading its input; how it ended is in its result.
    markHandled(run.write(input));
    markHandled(run.closeStdin());
  }
  return run;
}

function base64Pieces(bytes: Uint8Array): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += WRITE_MAX_BYTES)
    pieces.push(Buffer.from(bytes.subarray(start, start + WRITE_MAX_BYTES)).toString('base64'));
  return pieces;
}

/** What is over needs no ending. */
async function unlessOver(answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (!isNotRunning(error)) throw error;
  }
}
