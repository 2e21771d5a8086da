/**
 * Records a conversation as a tape. Owns what a recording takes from the client, a tap of its lines and how it ended, and
 * when the header is written. The conversation waits for it in a flood alone: what the disk is too slow for is missed, and the tape
 * says so.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AsyncClient } from '../../client/async-client.js';
import { PROTOCOL_VERSION } from '../../protocol/generated.js';
import type { Gap } from '../../session/taps/held-copies.js';
import type { WireFrame, WireTap } from '../../session/taps/tap.js';
import { checkKnownKeys, memberOf, rejectArgument } from '../../support/argument-checks.js';
import { markHandled } from '../../support/deferred.js';
import { Redaction, type RedactOptions } from './redaction.js';
import { TAPE_FORMAT, type TapeEnd, type TapeHeader } from './tape.js';
import { TapeFile } from './tape-file.js';
import { type TapeEntry, TapeMasking } from './tape-masking.js';
import { TapeWriter } from './tape-writer.js';

/**
 * Lines that wait for the disk, in bytes: as much as a client holds unread by default, because a tape that missed a line
 * cannot be played.
 */
const HELD_FOR_DISK_MAX_BYTES = 64 * 1024 * 1024;

/** What is recorded: a client, or whatever has its taps. */
export type RecordedClient = Pick<AsyncClient, 'wire' | 'closed' | 'serverInfo'>;

/** Options of {@link recordTape}. */
export interface RecordTapeOptions {
  /**
   * What is masked besides the secrets that are always masked.
   *
   * @defaultValue nothing
   */
  readonly redact?: RedactOptions | undefined;
}

/** What a recording came to. */
export interface TapeSummary {
  /** The file, as it was named. */
  readonly path: string;
  /** How many lines the file has: the header, the conversation, and how it ended. */
  readonly lines: number;
  /** How large the file is. */
  readonly bytes: number;
  /** How many lines of the conversation are not on the tape, because the disk was too slow or they were no messages; a tape that misses some is not played. */
  readonly missed: number;
  /** Who ended it: `shutdown()`, the server by itself, or `stop()`. */
  readonly endedBy: TapeEnd['by'];
}

/** A recording under way. It ends with the conversation, or is stopped; leaving its `await using` stops it. */
export interface TapeRecording extends AsyncDisposable {
  /** The file, as it was named. */
  readonly path: string;
  /**
   * Settles when the tape is whole and its file closed. Rejects with the system's error, such as `ENOSPC`, when the file
   * could not be written; the conversation goes on, and a rejection that nobody looks at harms nobody.
   */
  readonly finished: Promise<TapeSummary>;
  /**
   * Ends the recording, not the conversation: what has passed is on the tape. Idempotent; settles as `finished` does.
   *
   * @throws what `finished` does: the system's error, such as `ENOSPC`, when the file could not be written
   */
  stop(): Promise<TapeSummary>;
}

/**
 * Records what a client and its server say to each other, both ways, into a file that `replayTape` plays: from the first
 * byte on when it is called right after `AsyncClient.spawn` or `AsyncClient.attach`. Called later the tape begins there;
 * a replay answers the handshake by itself. The file is made at once, or emptied, and only its owner can read it. Keys,
 * tokens, passwords, headers and the account are masked; prompts, outputs and the contents of files are not. Ids stay. The
 * conversation does not wait for the disk, but in a flood: a megabyte at once is written before more is read.
 *
 * @example
 * ```ts
 * const recording = recordTape(client, 'tapes/hello.jsonl', { redact: { strings: ['my-host'] } });
 * await client.initialize();
 * await client.threadRun({ turn: 'Hello!' }).result();
 * await client.shutdown();
 * console.log((await recording.finished).lines);
 * ```
 *
 * @param path - the file; JSON lines, so a name such as `tapes/hello.jsonl` helps editors
 * @throws InvalidArgumentError when an argument is bad, or the file cannot be written; nothing is recorded
 */
export function recordTape(
  client: RecordedClient,
  path: string,
  options: RecordTapeOptions = {},
): TapeRecording {
  if (typeof memberOf(client, 'wire') !== 'function') rejectArgument('client', client, 'an AsyncClient');
  if (typeof path !== 'string' || path === '') rejectArgument('path', path, 'the path of a file');
  checkKnownKeys('options', options, ['redact']);
  const masking = new TapeMasking(new Redaction(options.redact));
  return new LiveTapeRecording(client, path, masking);
}

/** A recording that has begun. */
class LiveTapeRecording implements TapeRecording {
  readonly path: string;
  readonly finished: Promise<TapeSummary>;
  readonly #client: RecordedClient;
  readonly #masking: TapeMasking;
  readonly #writer: TapeWriter;
  readonly #tap: WireTap;
  readonly #beganAtMs = Date.now();
  #firstReceived: string | undefined;
  /** What passed later is not on the tape. */
  #lastAtMs = Number.POSITIVE_INFINITY;
  /** It was left before its end. */
  #isLeft = false;
  #taken = 0;
  #lines = 0;
  #missed = 0;

  constructor(client: RecordedClient, path: string, masking: TapeMasking) {
    this.path = path;
    this.#client = client;
    this.#masking = masking;
    this.#writer = new TapeWriter(new TapeFile(path), masking);
    this.#tap = client.wire({ maxHeldBytes: HELD_FOR_DISK_MAX_BYTES });
    this.finished = this.#record();
    markHandled(this.finished);
    this.#writer.failed.catch(() => this.#leave());
  }

  stop(): Promise<TapeSummary> {
    if (this.#lastAtMs === Number.POSITIVE_INFINITY) {
      this.#lastAtMs = Date.now();
      void this.#leaveWhenRead();
    }
    return this.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #record(): Promise<TapeSummary> {
    await this.#readLines();
    const { by, ...exit } = await this.#end();
    this.#begin();
    this.#add('ended', Date.now(), JSON.stringify({ by, ...exit }));
    const bytes = await this.#writer.end();
    const missed = this.#missed + this.#masking.leftOut;
    return { path: this.path, lines: this.#lines, bytes, missed, endedBy: by };
  }

  async #readLines(): Promise<void> {
    try {
      for await (const next of this.#tap) {
        this.#taken += 1;
        if (next.kind === 'gap') this.#addGap(next);
        else if (next.atMs <= this.#lastAtMs) this.#addFrame(next);
        else this.#leave();
        if (this.#writer.isFull) await this.#untilRoom();
      }
    } catch {
      // The server went by itself; `closed` tells how.
    }
  }

  async #end(): Promise<Pick<TapeEnd, 'by' | 'exitCode' | 'signal'>> {
    if (this.#isLeft) return { by: 'recorder', exitCode: null, signal: null };
    const { expected, exitCode, signal } = await this.#client.closed;
    return { by: expected ? 'client' : 'server', exitCode, signal };
  }

  #addFrame({ direction, atMs, text }: WireFrame): void {
    this.#add(direction, atMs, text);
    if (direction === 'sent' || this.#firstReceived !== undefined) return;
    this.#firstReceived = text;
    // When the client has dealt with the handshake's answer, it knows the server's version.
    void nextTurn().then(() => this.#begin());
  }

  #addGap({ missed }: Gap): void {
    this.#missed += missed;
    this.#add('missed', Date.now(), String(missed));
  }

  #add(kind: TapeEntry['kind'], atMs: number, text: string): void {
    this.#lines += 1;
    // A clock can be set back; a tape's does not run before its beginning.
    this.#writer.add({ kind, atMs: Math.max(0, atMs - this.#beganAtMs), text });
  }

  #begin(): void {
    if (this.#writer.hasBegun) return;
    this.#lines += 1;
    const header: TapeHeader = {
      tape: TAPE_FORMAT,
      recordedAt: new Date(this.#beganAtMs).toISOString(),
      protocol: PROTOCOL_VERSION,
      server: this.#client.serverInfo?.version ?? versionIn(this.#firstReceived) ?? null,
    };
    this.#writer.begin(JSON.stringify(header));
  }

  async #untilRoom(): Promise<void> {
    this.#begin();
    await this.#writer.untilRoom();
  }

  /** Leaves once what has passed is read: when a turn of the event loop brings nothing more. */
  async #leaveWhenRead(): Promise<void> {
    let before: number;
    do {
      before = this.#taken;
      await nextTurn();
    } while (this.#taken !== before || this.#writer.isFull);
    this.#leave();
  }

  #leave(): void {
    this.#isLeft = true;
    void this.#tap.return();
  }
}

/** The server's version, when a line is the answer to `initialize` of a client that does not look at it. */
function versionIn(line: string | undefined): string | undefined {
  return /"userAgent"\s*:\s*"[^"]*?\/(\d+\.\d+\.\d[^\s"]*)/.exec(line ?? '')?.[1];
}
