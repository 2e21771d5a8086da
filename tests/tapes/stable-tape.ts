/**
 * Makes a recorded tape the same at every recording: what a server draws anew each time, ids, times, ports, becomes a
 * stable one of the same form, in the order in which they appear. What was said stays as it was.
 */

/** A tape with stable ids, times and numbers. */
export function stableTape(text: string): string {
  const ordered = text.replaceAll(/^.*(?="config":\{).*$/gm, (line) =>
    JSON.stringify(inOrder(JSON.parse(line))),
  );
  const named = ID_FORMS.reduce((renamed, [form, name]) => renameAll(renamed, form, name), ordered);
  const lines = named.trimEnd().split('\n');
  return `${lines.map((line, index) => JSON.stringify(stableLine(JSON.parse(line), index))).join('\n')}\n`;
}

/** The moment at which everything on a stable tape happens. */
const MOMENT_MS = Date.UTC(2026, 0, 1);

/** A form of ids, and the stable id of the same form with a number. */
const ID_FORMS: readonly (readonly [RegExp, (found: string, number: number) => string])[] = [
  [
    // Those that programs have made up stay.
    /(?!00000000)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
    (found, number) => `00000000-0000-${found[14]}000-8000-${String(number).padStart(12, '0')}`,
  ],
  // The name of the machine.
  [/(?<="method":"remoteControl\/status\/changed","params":\{[^}]*"serverName":")[^"]*/g, () => 'my-host'],
  // The system and its terminal, as they stand in the server's name of itself.
  [/(?<="userAgent":"[^"(]*)\([^)"]*\) \S+/g, () => '(Linux 1.0; x86_64) terminal'],
  // Of files that name folders.
  [/(?<=sha256:)[0-9a-f]{64}/g, (_, number) => String(number).padStart(64, '0')],
  [/(?<=127\.0\.0\.1:)\d+/g, () => '1024'],
  // Dates as in a path, and as in a text.
  [/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d/g, () => '2026-01-01T00-00-00'],
  [/(?<=sessions\/)\d{4}\/\d\d\/\d\d/g, () => '2026/01/01'],
  [
    /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g,
    (_, number) => `2026-01-01T00:00:00.${String(number).padStart(3, '0')}Z`,
  ],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, () => '2026-01-01T00:00:00Z'],
  // What codex numbers processes with.
  [/(?<="processId":")\d+(?=")/g, (_, number) => String(1000 + number)],
];

function renameAll(text: string, form: RegExp, name: (found: string, number: number) => string): string {
  const names = new Map<string, string>();
  return text.replaceAll(form, (found) => {
    const known = names.get(found) ?? name(found, names.size + 1);
    names.set(found, known);
    return known;
  });
}

type Json = Readonly<Record<string, unknown>>;

/** A line of the file: its time is its place, and the header says nothing of when it was made. */
function stableLine(line: Json, index: number): unknown {
  const stable = stableValue(line) as Json;
  if ('tape' in line) return { ...stable, recordedAt: new Date(MOMENT_MS).toISOString() };
  return { ...stable, atMs: index };
}

/** The server's maps of settings have another order each time. */
const MAPS = new Set(['config', 'origins']);

/** A value whose maps have the order of their names, with all that is in them. */
function inOrder(value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((item) => inOrder(item, isMap));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, inOrder(inner, isMap || MAPS.has(key))]);
  return Object.fromEntries(
    isMap ? entries.sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)) : entries,
  );
}

/** What a number is under a name; a name that is not here leaves it as it is. */
function stableNumber(name: string, value: number): number {
  if (/(At|_at)Ms$/.test(name)) return MOMENT_MS;
  if (/(At|_at)$/.test(name)) return value > 1e11 ? MOMENT_MS : MOMENT_MS / 1000;
  return /^(durationMs|timeToFirstTokenMs)$/.test(name) ? 1 : value;
}

function stableValue(value: unknown, name = ''): unknown {
  if (typeof value === 'number') return stableNumber(name, value);
  if (Array.isArray(value)) return value.map((item) => stableValue(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, stableValue(inner, key)]));
}
