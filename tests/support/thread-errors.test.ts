/** What the errors about a thread tell their user to do. */
import { describe, expect, test } from 'vitest';
import type { QueuedSubmission, ThreadGoal } from '../../src/protocol/generated.js';
import { resumeWouldSpend, threadBusyElsewhere } from '../../src/support/thread-errors.js';

// Only their identity counts here.
const goal = { objective: 'go on' } as ThreadGoal;
const submission = { id: 's' } as QueuedSubmission;

test('a thread of another process says to close it there, and keeps the server’s refusal', () => {
  const cause = new Error('already has an active writer');
  const error = threadBusyElsewhere('t1', cause);
  expect(error.message).toMatch(/thread t1 .*another server process.*close/);
  expect(error.threadId).toBe('t1');
  expect(error.cause).toBe(cause);
});

describe('a thread that would spend', () => {
  test.each([
    [{ goal, queued: [] }, 'an active goal'],
    [{ goal: null, queued: [submission] }, '1 queued turn'],
    [{ goal, queued: [submission, submission] }, 'an active goal and 2 queued turns'],
  ])('says what it has, and the consent: %#', (held, expected) => {
    const error = resumeWouldSpend({ threadId: 't1', ...held });
    expect(error.message).toContain(`because it has ${expected}, and`);
    expect(error.message).toContain('supervisor.resume("t1")');
    expect(error).toMatchObject({ threadId: 't1', ...held });
  });
});
