/**
 * What ends with the test file that began it. Files share a process: a run that a file leaves behind would ask its
 * server after 30 s of silence, in the middle of another file, whose fake timers it would then set for ever.
 */
const ends = new Set<() => void>();

/** Calls `end` once the tests of this file are over. */
export function endWithFile(end: () => void): void {
  ends.add(end);
}

/** The tests of a file are over. */
export function endAll(): void {
  for (const end of ends) end();
  ends.clear();
}
