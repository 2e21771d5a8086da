#!/usr/bin/env node
/**
 * `codex-tape`: replays a tape as a process of its own, over its stdin and stdout, for clients in any language. It owns the
 * way from the replay's pipes to those of the process, and its end: exit code, signal, and what is said on stderr before.
 *
 * Invariant: what the replay has handed out is written before the process goes, however it goes; but for SIGTERM, which
 * ends it at once, as it does codex.
 */
import { closeSync, createWriteStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InvalidArgumentError } from '../../support/errors.js';
import { readTape } from '../tapes/read-tape.js';
import type { ReplayReport } from './replay-report.js';
import type { ReplayServer } from './replay-server.js';
import { type TapeRequest, tapeRequest, USAGE } from './tape-arguments.js';
import { startReplay } from './tape-replay.js';

const STDOUT = 1;
const STDERR = 2;
/** The exit codes of the program itself. */
const EXIT = { mismatch: 1, badArguments: 2 };
/** How long after SIGTERM the process may still write, in milliseconds: codex is gone within about 40. */
const AFTER_SIGTERM_MS = 40;

try {
  await run(tapeRequest(process.argv.slice(2), process.env));
} catch (error) {
  if (!(error instanceof InvalidArgumentError)) throw error;
  process.stderr.write(`codex-tape: ${error.message}\n`);
  process.exitCode = EXIT.badArguments;
}

async function run(request: TapeRequest): Promise<void> {
  if (request.kind === 'help') process.stdout.write(USAGE);
  else if (request.kind === 'play') await play(startReplay(request.path, request.options));
  else {
    const { server, protocol } = readTape(request.path).header;
    process.stdout.write(`codex-cli ${server ?? protocol}\n`);
  }
}

async function play(replay: ReplayServer): Promise<void> {
  process.once('SIGTERM', () => {
    setTimeout(() => process.exit(0), AFTER_SIGTERM_MS);
    // The replay takes it for the end of its stdin, after which codex goes as well.
    replay.stdin.destroy();
  });
  const stdout = copied(replay.stdout, outputTo(STDOUT)).then(() => closeSync(STDOUT));
  const stderr = copied(replay.stderr, outputTo(STDERR));
  const stdin = copied(process.stdin, replay.stdin);
  const [report] = await Promise.all([replay.finished, stdout, stderr, stdin]);
  leave(report);
}

/** Copies until one of the two ends or breaks; what that means is in the report. */
function copied(from: Readable, to: Writable): Promise<void> {
  return pipeline(from, to).catch(() => undefined);
}

/** Writes that wait for the reader without holding up the process, which those of `process.stdout` do on a full pipe. */
function outputTo(fd: number): Writable {
  const status = fstatSync(fd);
  return status.isFIFO() || status.isSocket()
    ? new Socket({ fd, readable: false, writable: true })
    : createWriteStream('', { fd, autoClose: false });
}

function leave({ mismatch, exitCode, signal }: ReplayReport): void {
  if (mismatch !== undefined) process.exit(EXIT.mismatch);
  if (signal === null) process.exit(exitCode ?? 0);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
