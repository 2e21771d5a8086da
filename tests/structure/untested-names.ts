/**
 * The test of a source file has its name: `tests/<path>.test.ts` for `src/<path>.ts`. Here are the source files that have
 * none. Add one only with the reason.
 */

/** Source files without a test of the same name, and why. */
export const UNTESTED: Readonly<Record<string, string>> = {
  'app-server/connection/connection-error.ts':
    'an error; tests/pins.test.ts pins its code, connect-failure.test.ts makes it',
  'app-server/lifetime/attachable-child.ts': 'types alone; attached-streams.test.ts tests their check',
  'client/conversation-types.ts': 'types alone',
  'client/turn-conversation.ts': 'methods of one line; tests/runs has what each does',
  'doctor/finding.ts':
    'types, and names; doctor.test.ts makes every check, report.test.ts those that were not made',
  'doctor/limits.ts': 'numbers; each is met in the test of what it limits',
  'generator/diff/drift-report.ts': 'a text; tape-drift.test.ts reads it',
  'generator/diff/protocol-diff.ts':
    'the command; it takes the real codex several times, in tests/long/protocol-diff.test.ts',
  'generator/diff/protocol.ts': 'puts the parts together; protocol-changes.test.ts compares what comes out',
  'generator/diff/shape-pairs.ts': 'what type-changes.ts asks; type-changes.test.ts has the unions',
  'generator/response-exceptions.ts': 'a table; method-map.test.ts tests that each line is needed',
  'supervisor/life.ts': 'types alone',
  'supervisor/queued-search.ts': 'one search; queued-runs.test.ts has every finding',
  'supervisor/supervisor-stats.ts': 'types alone',
  'supervisor/supervised-source.ts': 'limits of all supervised runs; given-up-runs.test.ts meets each',
  'supervisor/supervised-work.ts':
    'what turns and goals have alike; supervised-turn.test.ts and supervised-goal.test.ts meet it',
  'supervisor/supervised-goal-run.ts':
    'what users see of a supervised goal; supervised-goal.test.ts reads it',
  'supervisor/live-life.ts': 'puts a life together; lost-work.test.ts has what one leaves',
  'index.ts': 'names alone; tests/pins.test.ts lists them',
  'runs/command/byte-stream.ts':
    'the user’s end of an output; command-output.test.ts and text-lines.test.ts read it',
  'runs/command/command-queue.ts': 'one reader’s share of an output; command-output.test.ts shares it out',
  'runs/turn/deferred-run.ts':
    'what thread runs and supervised runs have alike; thread-run.test.ts and supervised-run.test.ts meet it',
  'runs/turn/reclaimed-turn.ts':
    'a turn that is found again by its key; supervised-turn.test.ts and given-up-runs.test.ts find it',
  'runs/goal/followed-goal.ts':
    'how a goal is followed; goal-lifecycle.test.ts stops it in every way, goal-run.test.ts reads it',
  'runs/goal/goal-calls.ts': 'params of requests; goal-lifecycle.test.ts looks at each',
  'runs/goal/goal-control.ts': 'who waits for a turn; goal-run.test.ts steers, and waits for the first',
  'runs/goal/goal-errors.ts': 'messages alone; each is met in the test of what ends a goal so',
  'runs/goal/goal-result.ts': 'types, and one result; goal-run.test.ts looks at all of it',
  'runs/goal/goal-spending.ts':
    'puts a watch together; goal-lifecycle.test.ts has a budget, goal-run.test.ts none',
  'runs/goal/goal-turn.ts': 'puts the parts of a turn together; goal-run.test.ts has many',
  'runs/turn/followed-run.ts':
    'what turns and goals have alike; turn-lifecycle.test.ts, adopted-turn.test.ts and goal-lifecycle.test.ts meet it',
  'runs/turn/followed-turn.ts':
    'what turns that are ours and those that are adopted have alike; turn-lifecycle.test.ts and adopted-turn.test.ts meet it',
  'runs/follow/merged-reading.ts': 'what the log gives to those who lag; entry-log.test.ts reads it',
  'runs/follow/thread-beginning.ts': 'one question to the server; thread-log.test.ts has its answers',
  'runs/follow/thread-entry.ts': 'types, and ids; entry-log.test.ts comes back with all kinds of them',
  'runs/turn/result-errors.ts':
    'four errors; tests/pins.test.ts pins their codes, turn-run.test.ts, turn-enquiry.test.ts and budget-watch.test.ts meet them',
  'runs/turn/live-run.ts': 'who reads a run; turn-run.test.ts and goal-run.test.ts read in every way',
  'runs/turn/queue-entry.ts': 'one request, and what undoes it; queued-turn.test.ts has every answer',
  'runs/turn/run.ts': 'types alone; tests/types/runs.test.ts tests what they say',
  'runs/turn/stand-in.ts':
    'what a run does for nobody; turn-requests.test.ts and login-state.test.ts meet it',
  'runs/turn/turn-stream.ts': 'one rule; turn-requests.test.ts and turn-scope.test.ts ask who gets what',
  'runs/turn/turn-finding.ts': 'the question of an adopted turn; adopted-turn.test.ts has every answer',
  'runs/turn/turn-errors.ts': 'messages alone; each is met in the test of what ends a run so',
  'schemas/issue-text.ts': 'a text; plain-check.test.ts and turn-output.test.ts read it',
  'schemas/said-schema.ts':
    'which schemas are taken; output-form.test.ts and tests/tools/tools.test.ts hand them over',
  'schemas/output-schema.ts': 'types alone; tests/types/outputs.test.ts tests what they say',
  'session/close-reason.ts': 'a type alone',
  'session/messages/answer-types.ts': 'types alone; tests/types/answers.test.ts tests what they say',
  'session/requests/internal-request.ts': 'a type alone',
  'session/requests/protocol-request.ts': 'types alone; tests/types tests what they say',
  'session/requests/request-options.ts': 'types alone; request-checks.test.ts tests their check',
  'session/requests/request-stats.ts': 'a type alone',
  'session/session-facts.ts': 'says what the parts know; peer.test.ts and the test of each part ask',
  'session/session-remains.ts': 'types alone; session-lifetime.test.ts looks at what is left',
  'session/session-stats.ts': 'a type alone',
  'session/session.ts':
    'puts the parts together; peer.test.ts and session-lifetime.test.ts go through all of it',
  'session/streams/flow-stats.ts': 'a type alone',
  'session/streams/merged-messages.ts':
    'what merging makes of messages; coalescer.test.ts and entry-log.test.ts look at it',
  'session/streams/stream-stats.ts': 'a type alone',
  'session/taps/tap-stats.ts': 'a type alone',
  'support/defaults.ts': 'numbers; tests/pins.test.ts pins those that users meet',
  'support/error-codes.ts': 'a type and a table; tests/pins.test.ts pins both',
  'support/demand.ts': 'types alone; flow.test.ts has those who wait',
  'otel/guarded-spans.ts': 'catches; traced.test.ts has a tracer that throws',
  'otel/index.ts': 'names alone; tests/pins.test.ts lists them',
  'otel/model-calls.ts': 'spans of a turn; conversation-spans.test.ts has their times',
  'otel/open-waits.ts': 'events of a turn; conversation-spans.test.ts has them',
  'otel/span-parts.ts': 'what spans share; conversation-spans.test.ts has all kinds',
  'otel/tool-calls.ts': 'spans of a turn; conversation-spans.test.ts has every end of one',
  'otel/turn-span.ts': 'spans of a turn; conversation-spans.test.ts has the trees',
  'tools/definition-checks.ts': 'checks; tools.test.ts has what each refuses',
  'tools/tool-content.ts': 'forms of an answer; tool-call.test.ts sends each',
  'tools/tool-definition.ts': 'types alone; tests/types/tools.test.ts tests what they say',
  'tools/tool-form.ts': 'one tool of a set; tools.test.ts, tool-call.test.ts and tool-calls.test.ts ask it',
  'testing/model/codex-tools.ts':
    'names and arguments that codex understands, or not; tests/codex/scripted-tools.test.ts asks it',
  'testing/model/gate.ts':
    'a promise that opens once; reply-player.test.ts and reply-script.test.ts hold replies at gates',
  'testing/model/http-exchange.ts': 'plain HTTP; local-model-provider.test.ts makes the exchanges',
  'testing/replay/faults.ts': 'types alone; fault-checks.test.ts tests their check',
  'testing/replay/fault-table.ts': 'finds faults; replay-server.test.ts has what each does',
  'testing/replay/replay-log.ts': 'the text of stderr; replay-server.test.ts reads it',
  'testing/replay/replay-pauses.ts': 'waits; replay-server.test.ts and replay-progress.test.ts meet them',
  'testing/replay/replay-report.ts': 'a type and a text; replay-server.test.ts reads both',
  'testing/replay/replay-speech.ts': 'the output of a server; replay-server.test.ts reads it',
  'testing/fit/line-comparison.ts': 'the walk of line-fit.ts; line-fit.test.ts compares lines',
  'testing/fit/member-rules.ts': 'rules of names; line-fit.test.ts has a line for each',
  'testing/fit/difference-text.ts': 'the lines of a diff; mismatches.test.ts shows them',
  'testing/fit/tape-mismatch-error.ts': 'an error; mismatches.test.ts has what makes it',
  'testing/index.ts': 'names alone; tests/pins.test.ts lists them',
  'testing/model/reply-steps.ts': 'types alone',
  'testing/tapes/tape.ts':
    'the format, as types; read-tape.test.ts reads it and record-tape.test.ts writes it',
  'testing/model/responses-events.ts': 'shapes of events; reply-player.test.ts looks at what is sent',
  'view/index.ts': 'names alone; tests/pins.test.ts lists them',
};
