/** A command approval as an argv, where it is one plain command; and what tries to look like one. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type AnyServerRequest, plainCommandOf, type protocol } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ATTACKS } from './attacks.js';

type ApprovalParams = protocol.CommandExecutionRequestApprovalParams;

function approval(command: unknown, more: object = {}): AnyServerRequest {
  const params = { kind: 'command', threadId: 't', turnId: 'u', itemId: 'i', command, ...more };
  return {
    kind: 'request',
    id: 0,
    method: 'item/commandExecution/requestApproval',
    params,
  } as AnyServerRequest;
}

/** As codex joins an argv into one text. */
function joined(word: string): string {
  if (/^[\w@./:+-]+$/.test(word)) return word;
  if (!word.includes("'")) return `'${word}'`;
  return `"${word.replace(/["\\$`]/g, '\\$&')}"`;
}

/** The question of a server that asks in the old way, with the argv as it is. */
function askedInOldWay(command: unknown) {
  const params = { conversationId: 't', callId: 'c', command, cwd: '/' };
  const request: unknown = { kind: 'request', id: 0, method: 'execCommandApproval', params };
  return plainCommandOf(request as AnyServerRequest);
}

const inShell = (script: string, shell = '/bin/bash -c') =>
  plainCommandOf(approval(`${shell} ${joined(script)}`));

describe('one plain command', () => {
  test.each<[string, readonly string[]]>([
    ['git status', ['git', 'status']],
    ['  git   status  ', ['git', 'status']],
    ["git log '--oneline'", ['git', 'log', '--oneline']],
    ['cargo test --package=core', ['cargo', 'test', '--package=core']],
    ['"npm" "run" test:unit', ['npm', 'run', 'test:unit']],
    ["grep -n 'a|b' src/index.ts", ['grep', '-n', 'a|b', 'src/index.ts']],
    ['ls', ['ls']],
    ['/usr/bin/ls -la ./src', ['/usr/bin/ls', '-la', './src']],
  ])('%s', (script, argv) => {
    for (const shell of ['/bin/bash -c', '/bin/bash -lc', '/usr/bin/zsh -lc', '/bin/sh -c'])
      expect(inShell(script, shell)).toEqual(argv);
  });

  test('without a shell is the argv itself', () => {
    expect(plainCommandOf(approval('/usr/bin/git status'))).toEqual(['/usr/bin/git', 'status']);
    expect(plainCommandOf(approval('git log "a!b"'))).toBeUndefined();
    expect(plainCommandOf(approval("git log '--format=%H'"))).toEqual(['git', 'log', '--format=%H']);
  });

  test('of a server that asks in the old way, too', () => {
    expect(askedInOldWay(['/bin/bash', '-lc', 'git status'])).toEqual(['git', 'status']);
    expect(askedInOldWay(['git', 'status'])).toEqual(['git', 'status']);
    expect(askedInOldWay(['git', 'status; reboot'])).toBeUndefined();
    expect(askedInOldWay(['git', 'stаtus'])).toBeUndefined();
    expect(askedInOldWay(['git', 7])).toBeUndefined();
    expect(askedInOldWay('git status')).toBeUndefined();
  });
});

describe('everything else is undefined', () => {
  test.each<[string, object]>([
    ['input for a program', { kind: 'writeStdin' }],
    ["a person's command", { kind: 'humanCommand' }],
    ['a kind to come', { kind: 'commands' }],
    ['more permissions', { additionalPermissions: { network: { enabled: true } } }],
    ['the network', { networkApprovalContext: { host: 'example.org', protocol: 'https' } }],
  ] satisfies [string, { [K in keyof ApprovalParams]?: unknown }][])('%s', (_, more) => {
    expect(plainCommandOf(approval("/bin/bash -c 'git status'", more))).toBeUndefined();
  });

  test.each([null, undefined, 7, ['git', 'status'], {}])('a command that is no text (%j)', (command) => {
    expect(plainCommandOf(approval(command))).toBeUndefined();
  });

  test('a server that knows no kinds names none', () => {
    expect(plainCommandOf(approval("/bin/bash -c 'git status'", { kind: undefined }))).toEqual([
      'git',
      'status',
    ]);
  });

  test('what is null is as if it were not there', () => {
    const more = { additionalPermissions: null, networkApprovalContext: null };
    expect(plainCommandOf(approval("/bin/bash -c 'git status'", more))).toEqual(['git', 'status']);
  });

  test('other requests, and what is none', () => {
    const params = { kind: 'command', command: '/bin/bash -c ls' };
    for (const method of ['item/fileChange/requestApproval', 'applyPatchApproval', 'x/y'])
      expect(plainCommandOf({ kind: 'request', id: 0, method, params } as never)).toBeUndefined();
    for (const request of [undefined, null, {}, 7, { method: 'execCommandApproval' }])
      expect(plainCommandOf(request as never)).toBeUndefined();
  });

  test.each([
    ...['/tmp/bash -c ls', './bash -c ls', 'bash -c ls', '/bin/evil/bash -c ls', '//bin/bash -c ls'],
    ...[
      '/bin/bash --rcfile x -c ls',
      '/bin/bash -ic ls',
      '/bin/bash -lic ls',
      '/bin/bash -l -c ls',
      '/bin/bash +c ls',
    ],
    ...[
      "/bin/bash -c 'git status' x",
      '/bin/bash -c ls x',
      '/bin/bash -c -c ls',
      '/bin/bash ls',
      '/bin/bash',
      "/bin/bash -c ''",
    ],
    ...[
      "/bin/bash -c '/bin/bash -c ls'",
      '/bin/bash -c "bash -c ls"',
      "/bin/bash -c 'sh x'",
      "/bin/sh -c 'zsh x'",
    ],
    ...[
      '/bin/bash -c ls\n',
      '/bin/bash  -c ls',
      ' /bin/bash -c ls',
      '/bin/bash -c ls ',
      '/bin/bash -c ls; ls',
      '/bin/bash -c $(ls)',
    ],
    ...[
      '/usr/bin/fish -c ls',
      '/bin/ksh -c ls',
      '/bin/tcsh -c ls',
      '/bin/busybox sh',
      '/usr/bin/pwsh -c ls',
      '/BIN/BASH -c ls',
    ],
    ...[
      'powershell.exe -Command ls',
      'pwsh -NoProfile -Command ls',
      'cmd /c ls',
      'cmd.exe /c ls',
      'CMD.EXE /c ls',
    ],
    "'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe' -Command ls",
    "'C:\\Program Files\\Git\\bin\\bash.exe' -lc ls",
    '<command included NUL byte>',
  ])('a shell is taken off once, where it is one of the system, with -c or -lc alone: %j', (command) => {
    expect(plainCommandOf(approval(command))).toBeUndefined();
  });

  test.each(['/bin/bash', '/usr/bin/zsh', '/usr/local/bin/bash', '/opt/homebrew/bin/zsh'])(
    'but %s is one of the system',
    (shell) => expect(plainCommandOf(approval(`${shell} -lc ls`))).toEqual(['ls']),
  );

  test.skipIf(!existsSync('/bin/bash'))("the shells' own words are no programs", () => {
    const words = printedBy('/bin/bash', 'compgen -k').trim().split('\n');
    expect(words).toContain('coproc');
    for (const word of [...words, 'eval', 'exec', 'command', 'builtin', 'source', '.', 'foreach', 'noglob'])
      expect(inShell(`${word} ls`)).toBeUndefined();
  });
});

describe('no attack passes for `git status` or `ls`', () => {
  const ALLOWED = new Set(['git status', 'ls']);
  const cases = Object.entries(ATTACKS).flatMap(([title, texts]) => texts.map((text) => ({ title, text })));
  const isAllowed = (argv: readonly string[] | undefined) =>
    argv !== undefined && ALLOWED.has(argv.join(' '));

  test('the table has at least 200, each once', () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
    expect(new Set(cases.map(({ text }) => text)).size).toBe(cases.length);
  });

  test.each(cases)('$title: $text', ({ text }) => {
    for (const shell of ['/bin/bash -c', '/bin/bash -lc', '/usr/bin/zsh -lc'])
      expect(isAllowed(inShell(text, shell))).toBe(false);
    expect(isAllowed(askedInOldWay(['/bin/bash', '-lc', text]))).toBe(false);
  });

  test.each([
    ...['operators', 'more than one line', 'expansions', 'redirections', 'assignments'],
    ...['words that only look whole', 'other characters that look alike'],
  ])('%s are no part of a plain command', (title) => {
    for (const text of ATTACKS[title] ?? expect.fail(title)) {
      expect(inShell(text), text).toBeUndefined();
      expect(askedInOldWay(['/bin/bash', '-lc', text]), text).toBeUndefined();
    }
  });

  test.each(['-x ls', '+x ls', '%1 ls', 'x=y ls', 'ls x==y', 'ls --x=a:=y', 'ls "a!b"'])(
    'nor is what one of the shells may look at: %s',
    (script) => expect(inShell(script)).toBeUndefined(),
  );

  test('a text of the table is an attack because of what is in it: the two alone pass', () => {
    for (const command of ALLOWED) {
      expect(isAllowed(inShell(command))).toBe(true);
      expect(isAllowed(askedInOldWay(['/bin/bash', '-lc', command]))).toBe(true);
    }
  });
});

/** What a script prints. bash reads `.bashrc` when its stdin is a socket, as that of a child is here: there is none. */
function printedBy(shell: string, script: string): string {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent' };
  return execFileSync(shell, ['-c', script], { encoding: 'utf8', cwd: '/', env });
}

/** The words that a shell makes of scripts: each is run with a program in front that prints its arguments. */
function wordsOf(shell: string, scripts: readonly string[]): string[][] {
  const printing = scripts.map((script) => `printf '%s\\0' ${script}\nprintf '\\n\\0'\n`).join('');
  return printedBy(shell, printing)
    .split('\n\0')
    .slice(0, -1)
    .map((line) => line.split('\0').slice(0, -1));
}

const PIECES = [
  ...['git', 'status', 'a', 'Z', '0', '-', '--x', '=', ':', ',', '.', '/', '@', '%', '+', '_', '^', ']', '}'],
  ...[
    ' ',
    '  ',
    "'",
    '"',
    "' '",
    '" "',
    '""',
    "''",
    '\\',
    '$',
    '`',
    '$(',
    ')',
    '!',
    '#',
    '~',
    '*',
    '?',
    '[',
    '{',
  ],
  ...['&', '|', ';', '<', '>', '(', '\n', '\t', '\r', 'é', '\u00a0'],
];

test('what is read out of a script is what shells read out of it', () => {
  const plain: { script: string; argv: readonly string[] }[] = [];
  const pieces = fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }),
    fc.array(fc.constantFrom(...PIECES.slice(0, 26)), { minLength: 1, maxLength: 12 }),
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const script = parts.join('');
      const argv = inShell(script);
      if (argv !== undefined) plain.push({ script, argv });
    }),
    { numRuns: 20_000 },
  );
  expect(plain.length).toBeGreaterThan(500);
  for (const shell of ['/bin/bash', '/bin/sh', '/bin/zsh'].filter((path) => existsSync(path)))
    expect(
      wordsOf(
        shell,
        plain.map(({ script }) => script),
      ),
    ).toEqual(plain.map(({ argv }) => argv));
});

test('what is longer than a system runs is not read, whatever is in it', () => {
  const longest = `git ${'x'.repeat(131_072 - 4)}`;
  expect(plainCommandOf(approval(longest))?.length).toBe(2);
  expect(plainCommandOf(approval(`${longest}x`))).toBeUndefined();
  for (const piece of ['x', 'x ', '"', "'", `"a'`, '"b" ', "'a' ", "a ' ", '\\$']) {
    const long = `git ${piece.repeat(12_000_000 / piece.length)}`;
    for (const text of [long, `${long}'`, `/bin/bash -c '${long}'`, `/bin/bash -c "${long}"`])
      expect(plainCommandOf(approval(text))).toBeUndefined();
    expect(askedInOldWay(['/bin/bash', '-lc', long])).toBeUndefined();
  }
});
