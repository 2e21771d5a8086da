// What the package knows about protocol methods by hand: how a method's name becomes the name of a client method,
// and which methods answer only when work outside the server ends.
// Small on purpose: it is loaded at run time. Params, responses and lists are in `generated.ts`.
//
// Invariant: the generator and the client name methods through the one function here.

import type { ClientRequests } from './generated.js';

/**
 * The name of the client method for a protocol method: `thread/start` -> `threadStart`,
 * `thread/increment_elicitation` -> `threadIncrementElicitation`, `getAuthStatus` stays as it is.
 */
export function methodName(method: string): string {
  return method.replaceAll(/[/_]+(.)/g, (_, first: string) => first.toUpperCase());
}

/**
 * Client methods whose answer waits for something the server does not control: a program, a model, a person, a
 * foreign server. The server takes them from its queue at once, so they must not hold a place among the requests
 * in flight: as many of them as there are places would stop everything else.
 */
export const LONG_RUNNING_METHODS: ReadonlySet<string> = new Set<keyof ClientRequests>([
  // Answers when the program exits.
  'command/exec',
  // Answers when the model has answered; `thread/sample/cancel` ends it early.
  'thread/sample',
  // Answer when the MCP server does, which may be never.
  'mcpServer/tool/call',
  'mcpServer/resource/read',
  // Wait for a person at the system's dialog; `userVerification/cancel` ends them early.
  'userVerification/enroll',
  'userVerification/verify',
  // With `allowBrowserLogin`, may wait for a person to sign in.
  'accountSession/switch',
  // Answer when the source has been cloned or downloaded.
  'marketplace/add',
  'marketplace/upgrade',
  'plugin/install',
  // Answers when the report and its logs have been uploaded.
  'feedback/upload',
]);

/**
 * Client methods that end something at the server. They are small, there are few of them, and they are what helps when
 * there is too much of everything else: no limit on what waits to be sent keeps them back.
 */
export const ENDING_METHODS: ReadonlySet<string> = new Set<keyof ClientRequests>([
  'turn/interrupt',
  'command/exec/terminate',
  'process/kill',
  'fs/unwatch',
  'thread/unsubscribe',
  'thread/sample/cancel',
  'thread/realtime/stop',
  'account/login/cancel',
  'userVerification/cancel',
]);
