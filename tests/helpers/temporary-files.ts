/**
 * Where tests have their temporary files: in a folder of this run, and in memory where the system has a place for that.
 * Each codex makes six databases in its home, and waits for the disk that those of other tests write to as well. What
 * tests leave there goes with the run.
 */
import { accessSync, constants, mkdtempSync, realpathSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux keeps its files in memory. */
const IN_MEMORY = '/dev/shm';
/** What has to be free there; containers often have no more than 64 MiB. Bytes. */
const NEEDED = 1024 ** 3;
/** What `os.tmpdir()` goes by, in this process and in those that it starts. */
const NAMES = ['TMPDIR', 'TMP', 'TEMP'] as const;

function hasRoomInMemory(): boolean {
  try {
    accessSync(IN_MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize >= NEEDED;
  } catch {
    return false;
  }
}

/** Makes the folder before the first test, and takes it away after the last one. */
export function setup(): () => void {
  const before = NAMES.map((name) => [name, process.env[name]] as const);
  const parent = hasRoomInMemory() ? IN_MEMORY : tmpdir();
  const folder = mkdtempSync(join(realpathSync(parent), 'codex-async-client-'));
  for (const name of NAMES) process.env[name] = folder;
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}
