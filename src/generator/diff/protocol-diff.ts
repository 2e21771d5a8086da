/**
 * `npm run protocol:diff OLD NEW` prints what has changed for a user between two versions of codex, as Markdown. This file
 * is all that touches the terminal. It exits with 0 whatever has changed, and with 1 and one line when a version cannot be
 * read.
 */
import { readProtocol } from '../protocol-reader.js';
import { changeReport } from './change-report.js';
import { CodexSourceError, withCodex } from './codex-source.js';
import { type Protocol, protocolOf } from './protocol.js';
import { protocolChanges } from './protocol-changes.js';

const USAGE = `usage: npm run protocol:diff OLD NEW
OLD and NEW are "installed", a version of codex such as 0.169.0, or the path of a codex executable`;

const [old, now, ...more] = process.argv.slice(2);

try {
  if (old === undefined || now === undefined || more.length > 0) throw new CodexSourceError(USAGE);
  const before = read(old);
  const after = read(now);
  process.stdout.write(changeReport(before.version, after.version, protocolChanges(before, after)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
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
