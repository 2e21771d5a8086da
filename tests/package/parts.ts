// What the parts of `programs/every-runtime.ts` that end by themselves come to, wherever they run.

export const PARTS = {
  turn: { finalMessage: 'It works.', output: 'from the shell', approvals: 1 },
  crash: { heard: 'Let me th', signal: 'SIGKILL', closedBy: 'SIGKILL', isClosed: true },
  stall: { others: ['Echo: one', 'Echo: two', 'Echo: three'], waited: true, isWhole: true },
  pressure: { isHeldBack: true, isRead: true },
  supervise: { statuses: ['interrupted', 'completed'], finalMessage: 'Echo: Go on.' },
  connect: { finalMessage: 'Echo: Over the wire.', isServerAlive: true },
  disposal: { states: ['closed', 'closed'], thrown: 'Error: thrown in the block' },
} as const;
