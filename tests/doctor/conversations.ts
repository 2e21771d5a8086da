/** Answers that scripted servers give in the place of codex. */

/** The answer to `initialize` of a codex of this version. */
export const handshake = (version: string): object => ({
  userAgent: `codex-async-client/${version} (scripted)`,
  codexHome: '/nonexistent',
  platformFamily: 'unix',
  platformOs: 'linux',
});

/** The answer to `account/read` where nobody is logged in, and somebody has to be. */
export const LOGGED_OUT = { account: null, userId: null, requiresOpenaiAuth: true, workspaceRouting: null };
