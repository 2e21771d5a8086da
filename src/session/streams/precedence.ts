/**
 * Which stream wins a message that several want (L1). All of it is here, so that no room has to know the others' numbers:
 * the higher precedence, and among equals the older stream; a server request looks at its group first.
 */

/** What each member of a filter adds: a narrower member outranks any set of wider ones. */
export const FILTER_WEIGHT = { turnId: 8, threadId: 4, methods: 2, kind: 1 } as const;

/** Who runs something reads what it says. */
export const PRECEDENCE = {
  /** As a filter by thread and turn. */
  turnRun: FILTER_WEIGHT.turnId + FILTER_WEIGHT.threadId,
  fileWatch: 16,
  command: 16,
  /** One output of a command, which is a part of the whole. */
  commandOutput: 17,
  /** Calls of tools that are named: requests of one method. */
  toolCalls: FILTER_WEIGHT.methods + FILTER_WEIGHT.kind,
} as const;

/** Who gets a server request, first come first; within a group precedence and age decide. */
export const REQUEST_GROUP = {
  /** Streams that name the tool that is called: nobody else can run it. */
  called: 0,
  /** Streams that name its method, or take requests alone: whoever opens one means to answer. */
  asked: 1,
  /** Iterated runs, and streams of anything else. */
  reads: 2,
  /** Runs whose messages nobody looks at. */
  unattended: 3,
} as const;
