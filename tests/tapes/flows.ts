/** All flows. One is added by adding it to the list of its theme, and `npm run tapes`. */
import type { Flow } from './flow.js';
import { APPROVAL_FLOWS } from './flows/approvals.js';
import { COMMAND_FLOWS } from './flows/commands.js';
import { CONTROL_FLOWS } from './flows/control.js';
import { FAILURE_FLOWS } from './flows/failures.js';
import { QUESTION_FLOWS } from './flows/questions.js';
import { SETTINGS_FLOWS } from './flows/settings.js';
import { THREAD_FLOWS } from './flows/threads.js';
import { TURN_FLOWS } from './flows/turns.js';

export const FLOWS: readonly Flow[] = [
  ...TURN_FLOWS,
  ...CONTROL_FLOWS,
  ...APPROVAL_FLOWS,
  ...QUESTION_FLOWS,
  ...FAILURE_FLOWS,
  ...COMMAND_FLOWS,
  ...THREAD_FLOWS,
  ...SETTINGS_FLOWS,
];
