// Runs a program and gives back what it printed; a failure shows both streams, because that is where compilers and
// npm say what is wrong.

import { execFile } from 'node:child_process';

/** What a program printed to stdout. Rejects when it exits with another code than 0. */
export function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${file} ${args.join(' ')}: ${error.message}\n${stdout}\n${stderr}`));
    });
  });
}

/** Runs npm, whatever the platform calls it. */
export function npm(args: readonly string[], cwd: string): Promise<string> {
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier'];
  const cli = process.env['npm_execpath'];
  if (cli?.endsWith('.js')) return run(process.execPath, [cli, ...args, ...quiet], cwd);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', [...args, ...quiet], cwd);
}
