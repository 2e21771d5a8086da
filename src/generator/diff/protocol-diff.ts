/**
 * `npm run protocol:diff OLD NEW` prints what has changed for a user between two versions of codex, as Markdown; with
 * `--tapes` also what recorded conversations hold that the types of the newer one do not have. This file is all that touches
 * the terminal. It exits with 0 whatever has changed, and with 1 and one line when something cannot be read.
 */
import { readProtocol } from '../protocol-reader.js';
import { changeReport } from './change-report.js';
import { CodexSourceError, withCodex } from './codex-source.js';
import { driftReport } from './drift-report.js';
import { type Protocol, protocolOf } from './protocol.js';
import { protocolChanges } from './protocol-changes.js';
import { tapeDrift } from './tape-drift.js';
import { readTapeFolders, type TapeFolder } from './tape-folders.js';

const USAGE = `usage: npm run protocol:diff OLD NEW
       npm run protocol:diff -- [OLD NEW] --tapes [FOLDER]
OLD and NEW are "installed", a version of codex such as 0.169.0, or the path of a codex executable;
--tapes holds the tapes in a folder (fixtures/tapes) against the types of NEW, or of the installed codex`;

const TAPES = 'fixtures/tapes';

const args = process.argv.slice(2);
const split = args.includes('--tapes') ? args.indexOf('--tapes') : args.length;
const [old, now, ...more] = args.slice(0, split);
const [folder = TAPES, ...others] = args.slice(split + 1);
const isComparison = old !== undefined && now !== undefined;
const isTapesAlone = old === undefined && split < args.length;

try {
  if (!(isComparison || isTapesAlone) || more.length > 0 || others.length > 0)
    throw new CodexSourceError(USAGE);
  const folders = split < args.length ? readTapeFolders(folder) : [];
  const after = read(now ?? 'installed');
  const changes = old === undefined ? [] : [compare(read(old), after)];
  const drifts = folders.map((one) => hold(one, after));
  process.stdout.write([...changes, ...drifts].join('\n'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function compare(before: Protocol, after: Protocol): string {
  return changeReport(before.version, after.version, protocolChanges(before, after));
}

function hold({ path, tapes }: TapeFolder, after: Protocol): string {
  return driftReport(path, after.version, tapes, tapeDrift(tapes, after), process.cwd());
}

function read(source: string): Protocol {
  return withCodex(source, (executable) => {
    try {
      return protocolOf(readProtocol(executable));
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw new CodexSourceError(`cannot read the protocol of ${source}: ${reason}`, { cause: error });
    }
  });
}
