/**
 * What `codex-tape` was asked to do. It is asked in one of two ways: by its own arguments, or as a stand-in for codex, by
 * the environment; then its arguments are meant for codex, and taken and ignored. Reads no file and starts nothing.
 */
import { parseArgs } from 'node:util';
import { describeValue, isPlainObject } from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';

/** What the program is to do. */
export type TapeRequest =
  /** `options` are those of a replay as they were given; whoever starts it checks them. */
  | { readonly kind: 'play'; readonly path: string; readonly options: Readonly<Record<string, unknown>> }
  /** Say which version of codex the tape has. */
  | { readonly kind: 'version'; readonly path: string }
  | { readonly kind: 'help' };

export const USAGE = `Usage: codex-tape [options] TAPE

Replays a recorded conversation with codex app-server over stdin and stdout.

  --speed recorded   with the recorded pauses between lines; else all that is due goes out at once
  --seed N           cuts the output into chunks that are drawn from this number
  --fault JSON       what goes wrong, for example '{"fault":"crash","afterLine":12}'; may be given several times
  --ignore PATH      a place that is not compared, for example 'params.input.*.text'; may be given several times
  --stall-ms N       how long the server waits for a line of the client, in milliseconds; Infinity for ever

As a stand-in for codex it takes and ignores every argument: put the tape's path into the variable CODEX_TAPE, and options
as JSON into CODEX_TAPE_OPTIONS, for example '{"seed":7,"faults":[{"fault":"crash","afterLine":12}]}'.

Exit codes: what the tape, or a fault, has for the server; 1 when the client's lines are not those of the tape, and then
stderr shows the difference; 2 when the arguments are wrong.
`;

const OPTIONS = {
  speed: { type: 'string' },
  seed: { type: 'string' },
  fault: { type: 'string', multiple: true },
  ignore: { type: 'string', multiple: true },
  'stall-ms': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the arguments, or the environment.
 * @throws InvalidArgumentError that names the argument or the variable
 */
export function tapeRequest(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): TapeRequest {
  const path = environment['CODEX_TAPE'] ?? '';
  if (path === '') return requestOf(args);
  if (args[0] === '--version' || args[0] === '-V') return { kind: 'version', path };
  const options = environment['CODEX_TAPE_OPTIONS'] ?? '';
  return { kind: 'play', path, options: options === '' ? {} : objectOf('CODEX_TAPE_OPTIONS', options) };
}

function requestOf(args: readonly string[]): TapeRequest {
  const { values, positionals } = parsed(args);
  if (values.help === true) return { kind: 'help' };
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) {
    const given = positionals.length === 0 ? 'none' : positionals.map(describeValue).join(' and ');
    refuse('TAPE', `expected the path of one tape, got ${given}; --help says more`);
  }
  const options = {
    speed: values.speed,
    seed: numberOf('--seed', values.seed),
    faults: values.fault?.map((text) => objectOf('--fault', text)),
    ignore: values.ignore,
    stallMs: numberOf('--stall-ms', values['stall-ms']),
  };
  return { kind: 'play', path, options };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    return refuse('arguments', `${cause instanceof Error ? cause.message : String(cause)}; --help says more`);
  }
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) ? refuse(name, `expected a number, got ${describeValue(text)}`) : number;
}

function objectOf(name: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isPlainObject(value)) return value;
  } catch {
    // Said below.
  }
  return refuse(name, `expected an object as JSON, got ${describeValue(text)}`);
}

function refuse(name: string, problem: string): never {
  throw new InvalidArgumentError(name, `${name}: ${problem}`);
}
