/**
 * Which helper of the client does more than a method of the protocol, told where somebody hovers over the method. By hand;
 * what is said of methods with pages follows from their shape.
 */

/** Method -> what is said of the helper. */
export const HELPER_POINTERS: Readonly<Record<string, string>> = {
  'thread/start': '`threadRun` starts a thread and runs its first turn to its end.',
  'review/start': '`reviewRun` runs a review to its end.',
  'thread/compact/start':
    'The `compact()` of a `thread` waits for its turns, which this interrupts, and for the end.',
  'turn/interrupt': 'The `interrupt()` of a run waits for its turn to begin, and knows its id.',
  'account/login/start': '`login` starts a login as well, and its `completed()` waits for the end.',
  'account/login/cancel': 'The `cancel()` of what `login` gives knows its login.',
  'fs/watch': '`fileWatch` watches as well, and yields what changed.',
  'fs/unwatch': 'Leaving the loop over a `fileWatch` ends its watch.',
  'command/exec': '`commandRun` runs a command as well, with its output as streams.',
  'command/exec/write': 'The `write()` and `closeStdin()` of a `commandRun` know their command.',
  'command/exec/resize': 'The `resize()` of a `commandRun` knows its command.',
  'command/exec/terminate': 'The `terminate()` of a `commandRun` knows its command.',
};

/** What is said of a method that hands a list out page by page. */
export const pagesPointer = (method: string): string =>
  `\`paginate('${method}', params)\` yields the items of all pages.`;
