/**
 * Checks of what a user gives to the view. They throw a `TypeError`, because the package's own errors are in rooms that
 * a page does not load.
 */

/** Refuses options that are unknown, or no text. */
export function checkViewOptions(name: string, options: object, known: readonly string[]): void {
  if (!isObject(options)) refuse(name, options, 'an object of options');
  for (const [key, value] of Object.entries(options)) {
    if (!known.includes(key))
      throw new TypeError(`${name}.${key}: unknown name; known are ${known.join(', ')}`);
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      refuse(`${name}.${key}`, value, 'non-empty text');
  }
}

/** Refuses what is no thread with its turns; the answer that has the thread is named, because it is so near. */
export function checkThread(thread: unknown): void {
  if (isObject(thread) && typeof thread['id'] === 'string' && Array.isArray(thread['turns'])) return;
  refuse('viewOfThread', thread, 'the `thread` of an answer to thread/read or thread/resume, with its turns');
}

/** Refuses what is no view, and what is no message. */
export function checkApplied(view: unknown, message: unknown): void {
  if (!isObject(view) || !Array.isArray(view['turns']) || !Array.isArray(view['requests']))
    refuse('applyMessage.view', view, 'a view, as emptyView() or viewOfThread() make one');
  if (!isObject(message) || typeof message['method'] !== 'string')
    refuse('applyMessage.message', message, 'a message of the server: kind, method and params');
}

/** Whether a value has members. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function refuse(name: string, value: unknown, expected: string): never {
  throw new TypeError(`${name}: expected ${expected}, got ${described(value)}`);
}

function described(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isObject(value)) return `an object with ${Object.keys(value).join(', ') || 'no members'}`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
