/**
 * What a flow is: a small program of the kind that users write, and what it comes to. It is run against the real codex when
 * its tape is recorded, and against the tape ever after; it cannot tell which.
 */
import type { AsyncClient, AttachOptions } from 'codex-async-client';
import type { LocalModelProviderOptions, ModelReply, RequestMatch } from 'codex-async-client/testing';

/** What stands around a program. */
export interface Stage {
  /** The folder it works in. */
  readonly cwd: string;
  /** What the model says next, reply by reply; nothing in a replay, where the tape has it. */
  script(...replies: ModelReply[]): void;
  /** What the model says to requests of one kind; nothing in a replay. */
  when(match: RequestMatch, ...replies: ModelReply[]): void;
  /** Does what happens outside of the conversation, such as a change of a file; nothing in a replay. */
  outside(act: () => unknown): Promise<void>;
}

/** One program with its outcome. */
export interface Flow {
  /** Its tape is the file of this name. */
  readonly name: string;
  /** What happens in it, as a sentence. */
  readonly title: string;
  /** Of the client, in both cases. */
  readonly options?: AttachOptions;
  /** Of codex, when it is recorded. */
  readonly config?: LocalModelProviderOptions['config'];
  /** The first version of codex whose tape comes to the outcome. @defaultValue any */
  readonly since?: string;
  /** What the program returns. */
  readonly outcome: unknown;
  program(client: AsyncClient, stage: Stage): Promise<unknown>;
}

/** Who we are, on every tape. */
const CLIENT_INFO = { name: 'tapes', title: null, version: '1.0.0' };

/** What a server says at its start, at any point of a conversation, and of its machine. */
const OF_THE_MACHINE = ['configWarning', 'remoteControl/status/changed'];

/** The options of a flow's client. */
export function optionsOf(flow: Flow): AttachOptions {
  return { clientInfo: CLIENT_INFO, optOutNotificationMethods: OF_THE_MACHINE, ...flow.options };
}

/** Is there a tape of a flow for a version of codex? */
export function isOf({ since = '0' }: Flow, version: string): boolean {
  return version.localeCompare(since, 'en', { numeric: true }) >= 0;
}

/** Runs a flow from the handshake to the end of its client; gives back what it came to. */
export async function runFlow(flow: Flow, client: AsyncClient, stage: Stage): Promise<unknown> {
  try {
    await client.initialize();
    return await flow.program(client, stage);
  } finally {
    await client.shutdown();
  }
}
