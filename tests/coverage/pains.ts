/**
 * What users of such clients complain about, in the words that the titles of tests have. The list is literal on purpose:
 * it is what was promised.
 */
export const PAINS = [
  // What is on the wire.
  'readline splits JSON at U+2028',
  'a line of 43 MB',
  'the types are out of date',
  // What ends, and what does not.
  'a turn waits for ever because turn/completed never comes',
  'a turn waits for ever because the server died',
  'an iterator stalls silently',
  'a timeout of one call kills the session',
  'EPIPE on the stdin of the server crashes the host',
  'orphaned app-servers',
  // Flow.
  'overload loses requests',
  'a bounded buffer that deadlocks',
  'one slow consumer takes the others with it',
  'thousands of deltas swamp a slow reader',
  'a page that reloads in mid-answer has lost the text so far',
  'stderr that nobody reads blocks the server, or eats memory',
  // Turns.
  'turn/start during a turn gives a phantom turn',
  'expected active turn id X but found Y',
  'interrupting races with the start or the end of the turn',
  'events of sub-agents leak into the run of their parent',
  // Approvals.
  'an approval cannot be answered later',
  'a stale approval is answered into the void',
  'availableDecisions are ignored',
  'approvals are accepted by default',
  'nothing is approved by default',
  'a replayed approval is answered twice',
  'an approval that died with its turn stays on the screen',
  // After a crash.
  'thread not found after a crash',
  'no rollout found after a crash',
  'an approval from before a crash is allowed, and there is no such thread',
  // Starting, and what is printed.
  'spawn codex ENOENT',
  'codex.cmd on Windows',
  'bundlers and Electron cannot find the binary',
  'a secret from the environment',
  'a Node.js warning',
] as const;
