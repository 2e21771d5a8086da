/** What `codex-async-client` was asked to do, by its arguments. Starts nothing. */
import { parseArgs } from 'node:util';
import { describeValue } from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';

/** What the program is to do. */
export type DoctorRequest =
  | { readonly kind: 'doctor'; readonly codexPath: string | undefined; readonly isJson: boolean }
  | { readonly kind: 'help' };

export const USAGE = `Usage: codex-async-client doctor [options]

Looks at what a program of this package stands on, and says what is wrong: which codex is found and why, its version, its
home and configuration, the login, a handshake, a turn with a scripted model, the sandbox, the login shell.

  --json              one object instead of lines
  --codex-path PATH   this codex, as codexPath of a start: a path, or a name that is looked up on PATH
  --help              this text

It costs nothing and changes nothing. Secrets, addresses and the folder of the user are not shown.

Exit codes: 0 when nothing failed, 1 when something did, 2 when the arguments are wrong,
128 and its number after a signal: 130 after Ctrl-C.
`;

const OPTIONS = {
  json: { type: 'boolean' },
  'codex-path': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the arguments.
 * @throws InvalidArgumentError that names the argument
 */
export function doctorRequest(args: readonly string[]): DoctorRequest {
  const { values, positionals } = parsed(args);
  if (values.help === true) return { kind: 'help' };
  const [command, ...more] = positionals;
  if (command !== 'doctor' || more.length > 0) {
    const given = positionals.length === 0 ? 'none' : positionals.map(describeValue).join(' and ');
    refuse('command', `expected doctor, got ${given}; --help says more`);
  }
  const codexPath = values['codex-path'];
  if (codexPath === '') refuse('--codex-path', 'expected a path or a name, got an empty text');
  return { kind: 'doctor', codexPath, isJson: values.json === true };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    return refuse('arguments', `${cause instanceof Error ? cause.message : String(cause)}; --help says more`);
  }
}

function refuse(name: string, problem: string): never {
  throw new InvalidArgumentError(name, `${name}: ${problem}`);
}
