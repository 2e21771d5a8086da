// What the parts of `programs/every-runtime.ts` that end by themselves come to, wherever they run.

const IS_WINDOWS = process.platform === 'win32';

/** What Node.js tells of a process that another one ended: on Windows there are exit codes alone. */
const KILLED_BY = IS_WINDOWS ? null : 'SIGKILL';

export const PARTS = {
  turn: { finalMessage: 'It works.', output: 'from the shell', approvals: 1 },
  crash: { heard: 'Let me th', signal: KILLED_BY, closedBy: KILLED_BY, isClosed: true },
  stall: { others: ['Echo: one', 'Echo: two', 'Echo: three'], waited: true, isWhole: true },
  pressure: { isHeldBack: true, isRead: true },
  supervise: { statuses: ['interrupted', 'completed'], finalMessage: 'Echo: Go on.' },
  connect: { finalMessage: 'Echo: Over the wire.', isServerAlive: true },
  disposal: { states: ['closed', 'closed'], thrown: 'Error: thrown in the block' },
} as const;

/** Whether Node.js opens the sockets of `connect` here; on Windows it has named pipes in their place. */
export const HAS_UNIX_SOCKETS = !IS_WINDOWS;
