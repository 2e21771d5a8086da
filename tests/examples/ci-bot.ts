/** A bot in CI: `git status` is allowed and nothing else, progress goes to stderr, the diff to stdout, and the exit code tells the outcome. */
import { AsyncClient, approve, deny, plainCommandOf, type ServerRequest } from 'codex-async-client';

const ALLOWED = new Set(['git status']);
const [cwd, task] = [process.cwd(), process.argv[2] ?? 'Make the tests pass.'];

// What is allowed runs outside the sandbox, so git is to run no program that a repository names.
const env = {
  GIT_CONFIG_COUNT: '2',
  ...{ GIT_CONFIG_KEY_0: 'core.fsmonitor', GIT_CONFIG_VALUE_0: 'false' },
  ...{ GIT_CONFIG_KEY_1: 'core.hooksPath', GIT_CONFIG_VALUE_1: '/dev/null' },
};
await using client = await AsyncClient.start({ cwd, env });

/** The whole argv, and where it runs: the agent can make a repository of its own in another folder. */
function isAllowed(request: ServerRequest<'item/commandExecution/requestApproval'>): boolean {
  const argv = plainCommandOf(request);
  return argv !== undefined && ALLOWED.has(argv.join(' ')) && request.params.cwd === cwd;
}

const thread = { cwd, approvalPolicy: 'on-request', sandbox: 'workspace-write' } as const;
const run = client.threadRun({ thread, turn: task }, { timeoutMs: 30 * 60_000 });
try {
  for await (const msg of run) {
    if (msg.method === 'item/commandExecution/requestApproval') {
      console.error(`${isAllowed(msg) ? 'allowed' : 'denied'}: ${msg.params.command} in ${msg.params.cwd}`);
      await client.respond(msg, isAllowed(msg) ? approve(msg) : deny(msg));
    } else if (msg.method === 'item/fileChange/requestApproval') await client.respond(msg, deny(msg));
    else if (msg.kind === 'request') await client.respondError(msg, -32601, 'nobody answers this here');
    else if (msg.method === 'item/completed' && msg.params.item.type === 'agentMessage')
      console.error(msg.params.item.text);
  }
  const { status, diff } = await run.result();
  process.stdout.write(diff ?? '');
  process.exitCode = status === 'completed' ? 0 : 1;
} catch (error) {
  console.error(String(error)); // the turn failed, or took too long
  process.exitCode = 1;
}
