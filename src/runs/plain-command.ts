/**
 * What a command approval is about, when that is one plain command, for policies that compare it with commands they know. It
 * is no rule engine and understands no shell: it reads the little of a shell's language that means the same in every shell,
 * and whatever else is there, it says nothing.
 */
import type { AnyServerRequest } from '../session/messages/server-message.js';
import { isPlainObject } from '../support/argument-checks.js';

/** The shells that codex starts commands with, where systems have them; one of another place may be anything. */
const SHELLS: ReadonlySet<string> = new Set(
  ['/bin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'].flatMap((folder) =>
    ['bash', 'sh', 'zsh', 'dash'].map((name) => `${folder}/${name}`),
  ),
);
/** Run the next word; as a login shell, too. */
const RUN_FLAGS: ReadonlySet<string> = new Set(['-c', '-lc']);
/** A shell of any system, as a program: what it is given is a language of its own, and no words. */
const SHELL_NAME =
  /(?:^|[/\\])(?:(?:[bd]?a|[ckz]|fi|mk|pdk|tc|ya)?sh|busybox|cmd|powershell|pwsh)(?:\.exe)?$/i;

/** Linux takes no argument that is longer, so what is longer cannot run, and is not read. */
const MAX_LENGTH = 131_072;
/** A word that means itself in every shell: nothing in it is expanded, split, or an operator. A zsh may look at `=` behind `=`. */
const PLAIN_WORD = /^(?!.*[=:]=)[\w@%+:,./-][\w@%+=:,./-]*$/;
/** A word in simple quotes: within double ones nothing that a shell looks at. */
const QUOTED_WORD = /^(?:'([^']*)'|"([^"$`\\!]*)")$/;
/** What stands between the blanks of a script. */
const SCRIPT_WORD = /'[^']*'|"[^"]*"|[^ '"]+/.source;
const SCRIPT_WORDS = new RegExp(SCRIPT_WORD, 'g');
/** A script is words alone: between two of them there is a blank. */
const SCRIPT = new RegExp(`^ *(?:(?:${SCRIPT_WORD})(?: +|$))+$`);

/** An argv as it is joined into one text: each word of pieces, plain or quoted, with escapes in double quotes. */
const JOINED_WORD = /(?:[\w@%+=:,./-]|'[^']*'|"(?:[^"\\$`!]|\\["\\$`])*")+/.source;
const JOINED = new RegExp(`^${JOINED_WORD}(?: ${JOINED_WORD})*$`);
const JOINED_WORDS = new RegExp(JOINED_WORD, 'g');
const JOINED_PIECES = /'([^']*)'|"((?:[^"\\]|\\.)*)"|([^'"]+)/g;

/** First words that a shell reads as the beginning of something else: its own words, and what runs the words behind it. */
const SHELL_WORDS: ReadonlySet<string> = new Set([
  ...'if then else elif fi for foreach while until repeat do done end case esac select in'.split(' '),
  ...'function time coproc nocorrect noglob eval exec command builtin source .'.split(' '),
]);

/**
 * The argv of a command approval, when what is asked is to run one plain command, and nothing more: one outer shell is taken
 * off (`/bin/bash -c '...'`), and what is left is plain words and simple quotes. `undefined` for everything else, and for every
 * other request: operators, expansions, globs, redirections, assignments, comments, escapes, more than one line, characters
 * that are not printable ASCII, words that are empty or have a blank in them, a shell within the shell, a shell of another
 * place or system (PowerShell), more than 128 KiB, another `kind` than `command`, a command that is to get more permissions or
 * the network. It never throws, and sends nothing.
 *
 * Compare all of it, and where it runs: `argv !== undefined && allowed.has(argv.join(' ')) && request.params.cwd === cwd`. As
 * no word has a blank in it, two commands never look alike when they are joined. A prefix is not safe: `git diff` has
 * `--output=FILE`. What is accepted runs outside the sandbox, with the program that `PATH` (or an alias of the shell's own
 * files) has by that name, and with that program's settings, which may run others: in a repository that the agent made itself
 * `git status` runs what its `core.fsmonitor` names.
 *
 * `commandActions` is not looked at: it is for display, and leaves out parts of a pipeline.
 *
 * @returns the words, the program first; as they are, so `/usr/bin/git` is not `git`
 */
export function plainCommandOf(request: AnyServerRequest): readonly string[] | undefined {
  const params: unknown = request?.params;
  if (!isPlainObject(params)) return undefined;
  if (request.method === 'item/commandExecution/requestApproval') return approved(params);
  // Of servers that ask in the old way: the argv as it is.
  if (request.method === 'execCommandApproval') return withoutShell(textsOf(params['command']));
  return undefined;
}

function approved(params: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const { kind, command, additionalPermissions, networkApprovalContext } = params;
  const isMore = (additionalPermissions ?? networkApprovalContext ?? undefined) !== undefined;
  // Servers that know no other kind do not name it.
  const isCommand = kind === undefined || kind === 'command';
  return isCommand && !isMore && typeof command === 'string' ? withoutShell(joinedWords(command)) : undefined;
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? value : undefined;
}

/** The command within the outer shell, or the command itself when there is none. */
function withoutShell(argv: readonly string[] | undefined): readonly string[] | undefined {
  if (argv === undefined) return undefined;
  const [shell = '', flag = '', script = ''] = argv;
  const isWrapped = argv.length === 3 && SHELLS.has(shell) && RUN_FLAGS.has(flag);
  return plainArgv(isWrapped ? scriptWords(script) : argv);
}

/** The words of an argv that was joined for display, each as it was. */
function joinedWords(command: string): readonly string[] | undefined {
  if (command.length > MAX_LENGTH || !JOINED.test(command)) return undefined;
  return (command.match(JOINED_WORDS) ?? []).map((word) =>
    [...word.matchAll(JOINED_PIECES)]
      .map(([, single, double, plain]) => single ?? double?.replace(/\\(.)/g, '$1') ?? plain)
      .join(''),
  );
}

/** The words of a script that has nothing but words. */
function scriptWords(script: string): readonly string[] | undefined {
  if (script.length > MAX_LENGTH || !SCRIPT.test(script)) return undefined;
  const words = (script.match(SCRIPT_WORDS) ?? []).map((word) => {
    const quoted = QUOTED_WORD.exec(word);
    if (quoted !== null) return quoted[1] ?? quoted[2];
    return PLAIN_WORD.test(word) ? word : undefined;
  });
  return words.every((word) => word !== undefined) ? words : undefined;
}

/**
 * The argv, when joining it with blanks leaves no doubt of it, and its first word is a program that is no shell. All of it is
 * printable ASCII: what looks like another character is none of it.
 */
function plainArgv(argv: readonly string[] | undefined): readonly string[] | undefined {
  const program = argv?.[0] ?? '';
  const isProgram = !/^[-+%]|=/.test(program) && !SHELL_WORDS.has(program) && !SHELL_NAME.test(program);
  return isProgram && argv?.every((word) => /^[!-~]+$/.test(word)) === true ? argv : undefined;
}
