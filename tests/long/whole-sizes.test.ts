/** The tests that `npm test` runs in a smaller size, in their whole one; see `tests/helpers/sizes.ts`. */
import { WHOLE_SIZES } from '../helpers/sizes.js';

process.env[WHOLE_SIZES] = '1';
await import('../codex/runs-many.test.js');
await import('../codex/tool-calls-many.test.js');
await import('../codex/connect.test.js');
await import('../codex/connect-flood.test.js');
await import('../codex/window.test.js');
await import('../faults/codex-killed.test.js');
await import('../faults/long-lines.test.js');
await import('../package/consumers.test.js');
await import('../session/streams/coalescer.test.js');
await import('../simulation/points.test.js');
await import('../soak/soak.test.js');
await import('../tapes/broken-replays.test.js');
await import('../testing/tapes/tape-masking.test.js');
