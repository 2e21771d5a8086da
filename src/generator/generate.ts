/**
 * The room `generator` writes `src/protocol/generated.ts` from the installed `@openai/codex`. It is a tool for development:
 * nothing that is shipped imports it. This file is `npm run generate`, and all that touches the terminal. A machine
 * without a codex executable gets one line and exit code 1, and no file.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findCodexExecutable, MissingCodexError } from './codex-binary.js';
import { flatFile } from './flat-file.js';
import { readProtocol } from './protocol-reader.js';

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
