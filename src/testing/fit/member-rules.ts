/** What the name of a member says of its value, as rules of names: what differs from run to run, and what is a folder. */

/** Times, and what belongs to tracing or to a version. */
const VOLATILE =
  /(?:[a-z]At|[a-z]AtMs|_at|_at_ms)$|^(?:timestamp|timestampMs|traceparent|tracestate|userAgent)$/;
const FOLDER = /(?:^|[a-z_])(?:cwd|root|home|dir|directory|folder|directorie)s?$/i;
/** The methods whose `path` is a folder. */
const FOLDER_METHODS: readonly string[] = ['fs/createDirectory', 'fs/readDirectory'];
/** Members with the words of people, models and programs: what looks like a path there may be a part of a sentence. */
const FREE_TEXT: ReadonlySet<string> = new Set([
  'aggregatedOutput',
  'arguments',
  'content',
  'delta',
  'message',
  'output',
  'stderr',
  'stdout',
  'text',
]);
/** Methods that change what is there already: `null` clears a member, and one that is missing stays as it was. */
const CHANGING_METHODS = /(?:\/update|[/a-z][wW]rite)$/;
/** Members that `null` clears wherever they stand. */
const CLEARED_BY_NULL: readonly string[] = ['serviceTier', 'prompt'];
/** Lists that the server takes for empty when they are left out; of most others `[]` says something. */
const EMPTY_BY_DEFAULT: readonly string[] = ['text_elements'];

/** Whether the value differs from run to run and is not compared. */
export function isVolatile(member: string, holder: string): boolean {
  return VOLATILE.test(member) || (member === 'version' && holder === 'clientInfo');
}

/** Whether a path at the member is that of a folder. */
export function namesFolder(member: string, method: string): boolean {
  return FOLDER.test(member) || (member === 'path' && FOLDER_METHODS.includes(method));
}

/** Whether what is watched is a folder, as far as its path says: a name without a dot is taken for that of a folder. */
export function watchesFolder(member: string, method: string, path: string): boolean {
  return method === 'fs/watch' && member === 'path' && /[/\\][^/\\.]+$/.test(path);
}

/** Whether a text at the member is never taken for a path. */
export function isFreeText(member: string): boolean {
  return FREE_TEXT.has(member);
}

/** Whether `null` at the member says something else than leaving it out; the server reads most members alike. */
export function nullSpeaks(member: string, holder: string, method: string): boolean {
  return CHANGING_METHODS.test(method) || holder === 'env' || CLEARED_BY_NULL.includes(member);
}

/** Whether the value says the same as leaving the member out, wherever it stands. */
export function isDefault(member: string, value: unknown): boolean {
  return EMPTY_BY_DEFAULT.includes(member) && Array.isArray(value) && value.length === 0;
}
