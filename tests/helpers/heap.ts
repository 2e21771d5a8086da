/** How much memory is in use, without what nobody refers to any more. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { turn } from './piped-server.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes in use, after everything that is under way has settled. */
export async function bytesInUse(): Promise<number> {
  // Twice, because what is cleaned up after the first time may have held more.
  for (let times = 0; times < 2; times += 1) {
    for (let turns = 0; turns < 5; turns += 1) await turn();
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
