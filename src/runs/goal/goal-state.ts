/** How far a goal is. */
export const GOAL_STATE = {
  /** Waits for its turn in the thread's queue; nothing was sent. */
  queued: 0,
  /** It is being set. */
  starting: 1,
  /** It was set; turns follow each other. */
  running: 2,
  /** Nothing of it runs or begins any more, or it was never set. */
  over: 3,
} as const;
