/**
 * A program's stdin and stdout as one stream of bytes, for a WebSocket to run over. It ends when the program's output
 * does, or when the program has exited and its output has run dry: a grandchild may hold the pipe open.
 */
import { Buffer } from 'node:buffer';
import { Duplex } from 'node:stream';
import { QUIET_TURNS, untilQuiet } from '../../support/quiet-pipe.js';
import type { ServerProcess } from '../lifetime/server-process.js';

/** What can still be the program's after its exit: more than any pipe holds. */
const LEFTOVER_MAX_BYTES = 1024 * 1024;

/** Makes one stream of the two. Both must not be used by others from then on. */
export function proxyPipe({
  stdin,
  stdout,
  exited,
}: Pick<ServerProcess, 'stdin' | 'stdout' | 'exited'>): Duplex {
  let bytesRead = 0;
  let hasEnded = false;
  const pipe = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void stdin.write(chunk, done),
    writev: (chunks, done) => void stdin.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done),
    final: (done) => {
      stdin.end();
      done();
    },
  });
  const end = () => {
    if (!hasEnded) pipe.push(null);
    hasEnded = true;
  };
  stdout.on('data', (chunk: Buffer) => {
    bytesRead += chunk.length;
    if (!hasEnded && !pipe.push(chunk)) stdout.pause();
  });
  for (const event of ['end', 'close', 'error']) stdout.once(event, end);
  void exited
    .then(() =>
      untilQuiet({
        bytesRead: () => bytesRead,
        hasEnded: () => hasEnded,
        quietTurns: QUIET_TURNS,
        maxBytes: LEFTOVER_MAX_BYTES,
      }),
    )
    .then(end);
  return pipe;
}
