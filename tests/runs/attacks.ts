/**
 * Texts that try to pass for `git status` or `ls`, by what they try. Each is what stands behind `/bin/bash -c`; none of them
 * is one plain command of these two.
 */

export const ATTACKS: Readonly<Record<string, readonly string[]>> = {
  operators: [
    ...['git status; reboot', 'git status;reboot', 'git status ;reboot', ';git status', 'git status;'],
    ...['git status && reboot', 'git status&&reboot', 'git status || reboot', 'git status||reboot'],
    ...['git status & reboot', 'git status &', 'git status&', 'ls | xargs rm -f', 'ls | tee ./x', 'ls|sh'],
    ...['ls |& sh', 'git status | sh -s', '(git status)', '( git status )', '{ git status; }'],
    ...['{git,status}', '! git status', 'git status !', '!git status', 'git status && :'],
    ...['true && git status', ': ; ls', '((ls))', '[[ ls ]]', '[ ls ]', 'ls ()', 'ls() { reboot; }; ls'],
    ...['function ls { reboot; }; ls'],
  ],
  'more than one line': [
    ...['git status\nreboot', 'git status\r\nreboot', 'git status\rreboot', 'git\nstatus', '\ngit status'],
    ...['git status\n', 'git status\u2028reboot', 'git status\u2029reboot', 'git status\x85reboot'],
    ...['git status\vreboot', 'git status\freboot', 'ls\x00reboot', 'git status\n#', 'git \\\nstatus'],
    ...['g\\\nit status', 'cat <<EOF\ngit status\nEOF', 'git status <<<x', "git status '\nreboot'"],
    ...['git status "\nreboot"'],
  ],
  expansions: [
    ...['git status $(reboot)', 'git status `reboot`', 'git status $HOME'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's, not ours
    'git status ${HOME}',
    ...['$X git status', 'git $X', 'git "$X"'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's, not ours
    'git "${X}"',
    ...['git "$(reboot)"', 'git "`reboot`"', 'ls $((1+1))', 'ls $[1+1]', "ls $'\\x41'", 'ls $"x"', 'ls ~'],
    ...['ls ~root', 'ls ~/x', 'ls *', 'ls ?', 'ls [a-z]', 'ls {a,b}', 'ls {1..9}', 'git status *', 'ls **'],
    ...['ls a*', 'ls @(a|b)', 'ls !(a)', 'ls x{a,b}y', 'ls a~b', 'ls a^b', '=ls', 'ls =reboot'],
    ...['ls <(reboot)', 'ls >(reboot)', 'git status !!', 'git status !$', 'git "status !!"', 'ls $#'],
    ...['ls $@', 'ls $_'],
  ],
  redirections: [
    ...['git status > x', 'git status >x', 'git status >> x', 'git status 2> x', 'git status 2>&1'],
    ...['git status &> x', 'git status >| x', 'git status < x', 'git status <x', 'git status <> x'],
    ...['> x git status', '>x ls', '2>x ls', 'git status >&2', 'ls 3<&0', 'ls {fd}>x'],
    ...['git status >/dev/tcp/127.0.0.1/80', 'ls >&-', 'git status<x'],
  ],
  assignments: [
    ...['PATH=. git status', 'A=b git status', 'GIT_DIR=x git status', "A='b' ls", 'A= ls', 'A+=b ls'],
    ...['a[0]=b ls', 'GIT_PAGER=reboot git status', 'LD_PRELOAD=./x.so ls', 'BASH_ENV=x ls', 'IFS=x ls'],
    ...['PATH=.', '"A=b" git status'],
  ],
  'words that only look whole': [
    ...['git\\ status', "g'i't status", 'g"i"t status', "'git'status", "'git''status'", 'git" "status'],
    ...["git' 'status", "'git status'", '"git status"', "git 'status '", "git ' status'", "git '' status"],
    ...['git "" status', "git status ''", "'' git status", "ls ''", 'ls ""', "ls ' '", 'git st\\atus'],
    ...['g\\it status', '\\ls', '\\git status', "git 'st''atus'", "git status '", 'git status "'],
    ...["git 'status", 'git "status', "git status \\'", 'git status \\', "git stat'u's"],
  ],
  'other characters that look alike': [
    ...['gіt status', 'git ѕtatus', 'git stаtus', 'ｇｉｔ status', 'git\xa0status', 'git\u2003status'],
    ...['git\u200bstatus', 'git status\u200b', '\ufeffgit status', 'git\u202estatus', 'ⅼs', 'lѕ', 'ls\xad'],
    ...['git status\u037e reboot', 'git status； reboot', 'git status │ sh', 'git\tstatus', 'ls\t'],
    ...['\x1b[2Kgit status', 'ls\x07', 'ls\x7f', 'ls\x08\x08sh', 'git ‐‐version', 'git status —porcelain'],
    ...['‘git status’', '“ls”', 'git́ status'],
  ],
  'another program in front': [
    ...['sudo git status', 'env git status', 'env A=b git status', 'xargs git status', 'command git status'],
    ...['exec git status', 'eval git status', 'builtin ls', 'nohup git status', 'time git status'],
    ...['nice git status', 'timeout 5 git status', 'coproc git status', 'bash -c "git status"'],
    ...["sh -c 'git status'", "/bin/bash -c 'git status'", '/bin/sh -c ls', 'bash -c ls', 'if ls'],
    ...['while ls', 'for git in status', 'case ls in', 'then git status', 'do ls', 'select x', 'until ls'],
    ...['busybox ls', './git status', '../git status', '/tmp/git status', './ls', '/tmp/ls', 'bin/ls'],
    ...['GIT status', 'Git Status', 'LS', 'git.exe status', '- git status', '-c git status'],
    ...['-- git status', 'git -c core.fsmonitor=reboot status', 'git -C /x status'],
    ...['git --exec-path=. status'],
  ],
  'more than was known': [
    ...['git status --porcelain=x', 'git status .', 'git status -- x', 'ls -la', 'ls /etc', 'git'],
    ...['git statusx', 'xgit status', 'gitstatus', 'git stash', 'git diff --output=x', 'git status reboot'],
    ...['git status git status', 'ls ls', 'git status #', 'git status # x', '#git status'],
  ],
  'words that zsh and others look at': [
    ...['%1 git status', '% ls', 'noglob ls', 'nocorrect ls', '-ls', '+ls', 'ls x==ls', 'ls --x:==ls'],
    ...['ls(.)', 'ls *(.)', "ls *(e:'reboot':)", 'ls ^x', 'ls x~y', 'ls **/*', 'ls <1-9>', 'ls =(reboot)'],
    ...['repeat 9 ls', 'foreach x (ls) ls', 'alias ls=reboot; ls', 'alias ls=reboot', 'hash ls'],
    ...['hash -p /tmp/ls ls', 'unset -f ls', 'enable -f ./x.so ls', '. ls', 'source ls'],
    ...['trap reboot EXIT; ls', 'trap reboot EXIT', 'set -- git status', 'cd x; ls', 'pushd x', 'umask 0'],
  ],
  'git that runs others': [
    ...['git -c alias.status=!reboot status', 'git -p status', 'git --git-dir=x status'],
    ...['git --work-tree=x status', 'git --config-env=core.fsmonitor=X status', 'git grep -Oreboot x'],
    ...['git diff --ext-diff', 'git log -p --ext-diff', 'git difftool -x reboot', 'git status -v'],
    ...['git status --ignore-submodules=none', 'git Status', 'git status --'],
  ],
  nothing: ['', ' ', '   ', "''", '""', "' '", '#', ':', '\\', '.', '-'],
};
