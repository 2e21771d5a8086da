/**
 * Absolute paths as lists of segments: of POSIX, of Windows and as `file:` URLs, so that a place on one machine can be set
 * beside its like on another. Knows nothing of the disk, and takes no `.` or `..` away.
 */

/** An absolute path, taken apart. */
export interface AbsolutePath {
  /** From the top: names, on Windows a drive (`C:`) or a server (`\\name`) first. None for the top of POSIX. */
  readonly segments: readonly string[];
  readonly separator: '/' | '\\';
  /** Written as a `file:` URL. */
  readonly isUrl: boolean;
  /** It ends in a separator. */
  readonly endsOpen: boolean;
}

/** What is longer is no path to a system. */
const MAX_CHARS = 4_096;
/** Keeps what a look at all folders above a path costs small. */
const MAX_SEGMENTS = 128;
/** Signs that no path has: control characters, and halves of a surrogate pair. */
const NOT_IN_PATHS = /[\p{Cc}\p{Cs}]/u;
const DRIVE = /^[A-Za-z]:$/;

/** The parts of a text that is an absolute path as a whole; undefined for every other text. */
export function absolutePathOf(text: string): AbsolutePath | undefined {
  if (text.length > MAX_CHARS || NOT_IN_PATHS.test(text)) return undefined;
  const path = text.startsWith('/') ? posixPath(text) : (windowsPath(text) ?? urlPath(text));
  return path === undefined || path.segments.length > MAX_SEGMENTS ? undefined : path;
}

function posixPath(text: string): AbsolutePath {
  return { segments: namesOf(text.split('/')), separator: '/', isUrl: false, endsOpen: text.endsWith('/') };
}

function windowsPath(text: string): AbsolutePath | undefined {
  const isShare = text.startsWith('\\\\');
  if (!isShare && !/^[A-Za-z]:[\\/]/.test(text)) return undefined;
  const [first, ...others] = namesOf(text.split(/[\\/]/));
  if (first === undefined) return undefined;
  return {
    segments: [isShare ? `\\\\${first}` : first, ...others],
    separator: text.includes('\\') ? '\\' : '/',
    isUrl: false,
    endsOpen: /[\\/]$/.test(text),
  };
}

function urlPath(text: string): AbsolutePath | undefined {
  if (!text.startsWith('file:///')) return undefined;
  const segments = namesOf(text.slice('file:///'.length).split('/')).map(decoded);
  if (!segments.every((segment) => segment !== undefined)) return undefined;
  return {
    segments,
    separator: DRIVE.test(segments[0] ?? '') ? '\\' : '/',
    isUrl: true,
    endsOpen: text.endsWith('/'),
  };
}

/** A separator that stands twice, or last, makes no name. */
function namesOf(segments: readonly string[]): string[] {
  return segments.filter((segment) => segment !== '');
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The text of a path. */
export function pathText({ segments, separator, isUrl, endsOpen }: AbsolutePath): string {
  const end = endsOpen && segments.length > 0 ? separator : '';
  if (isUrl) return `file:///${segments.map(encoded).join('/')}${end === '' ? '' : '/'}`;
  const [first = ''] = segments;
  if (DRIVE.test(first) || first.startsWith('\\\\')) {
    return segments.length === 1 ? `${first}${separator}` : segments.join(separator) + end;
  }
  return `/${segments.join('/')}${end}`;
}

function encoded(segment: string): string {
  return encodeURI(segment).replaceAll('#', '%23').replaceAll('?', '%3F');
}
