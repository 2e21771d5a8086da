// Writes `generated.ts` from the installed `@openai/codex`: `npm run generate`. A tool for development: nothing
// that the package does at run time imports it. The work is in the files beside this one; here is only what touches the disk
// and the terminal. A machine without a codex executable gets one line and exit code 1.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findCodexExecutable, MissingCodexError, readProtocol } from './codex-binary.js';
import { flatFile } from './flat-file.js';

const TARGET = fileURLToPath(new URL('../protocol/generated.ts', import.meta.url));

try {
  const protocol = readProtocol(findCodexExecutable());
  writeFileSync(TARGET, flatFile(protocol));
  console.log(
    `src/protocol/generated.ts: the protocol of codex ${protocol.version}, ${protocol.all.length} types`,
  );
} catch (error) {
  if (!(error instanceof MissingCodexError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
