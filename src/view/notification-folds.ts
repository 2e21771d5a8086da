/**
 * What each notification of the protocol does to a view: a function that folds it, or the reason why it is none of a view's
 * business. The table has every notification: a new one does not compile until somebody has decided about it here.
 */
import type { ServerNotifications, Thread, Turn, TurnError } from '../protocol/generated.js';
import {
  moreContent,
  moreOutput,
  moreSummary,
  moreText,
  newChanges,
  newProgress,
  withGrownItem,
} from './item-deltas.js';
import { requestKey, withoutRequests } from './open-requests.js';
import { keepEqual, withChanges } from './shared-structure.js';
import type { ThreadView, TurnView } from './thread-view.js';
import { withKnownTurn, withTurn, withTurnFacts, withWholeItem } from './turn-items.js';

/** The view after a notification of its thread. */
type Fold<M extends keyof ServerNotifications> = (
  view: ThreadView,
  params: ServerNotifications[M],
) => ThreadView;

const LISTS = 'where lists show the thread, not what happens in it';
const STATELESS = 'to be shown once; nothing stays of it';
const ELSEWHERE = 'of the server, the account or the machine, not of a thread';
const REALTIME = 'of a spoken session, which is no turn';
const OWN_PROCESS = 'of a process that the client has started itself';
const REVIEWS = 'how a decision is made; the item and its request have what it comes to';

/** Every notification. */
export const NOTIFICATION_FOLDS: { readonly [M in keyof ServerNotifications]: Fold<M> | string } = {
  'thread/started': (view, { thread }) => withChanges(withThreadFacts(view, thread), { life: 'open' }),
  'thread/status/changed': (view, { status }) =>
    withChanges(view, { status: keepEqual(view.status, status) }),
  'thread/name/updated': (view, { threadName }) => withChanges(view, { name: threadName ?? null }),
  'thread/settings/updated': (view, { threadSettings: settings }) =>
    withChanges(view, {
      settings: keepEqual(view.settings, settings),
      cwd: settings.cwd,
      model: settings.model,
      modelProvider: settings.modelProvider,
      reasoningEffort: settings.effort,
    }),
  'thread/goal/updated': (view, { goal }) => withChanges(view, { goal: keepEqual(view.goal, goal) }),
  'thread/goal/cleared': (view) => withChanges(view, { goal: null }),
  // It may be of a turn that was over long ago, as after `thread/resume`: no sign that one is running.
  'thread/tokenUsage/updated': (view, { turnId, tokenUsage }) =>
    withKnownTurn(withChanges(view, { usage: keepEqual(view.usage, tokenUsage) }), turnId, (turn) =>
      withChanges(turn, { usage: keepEqual(turn.usage, tokenUsage) }),
    ),
  'thread/reverted': (view) => withChanges(view, { isStale: true }),
  'thread/closed': (view) =>
    withChanges(
      withoutRequests(view, () => true),
      { life: 'closed' },
    ),
  'thread/deleted': (view) =>
    withChanges(
      withoutRequests(view, () => true),
      { life: 'deleted' },
    ),

  'turn/started': (view, { turn }) =>
    withTurn(withChanges(view, { life: 'open' }), startedTurnId(view, turn), (known) =>
      known.status === 'inProgress' ? withTurnFacts(known, turn) : known,
    ),
  'turn/completed': (view, { turn }) =>
    withoutRequests(
      withTurn(view, turn?.id, (known) => withTurnFacts(known, turn)),
      ({ turnId }) => turnId === turn?.id,
    ),
  'turn/diff/updated': (view, { turnId, diff }) =>
    withTurn(view, turnId, (turn) => withChanges(turn, { diff })),
  'turn/plan/updated': (view, { turnId, plan, explanation }) =>
    withTurn(view, turnId, (turn) =>
      withChanges(turn, { plan: keepEqual(turn.plan, plan), planExplanation: explanation }),
    ),
  error: (view, { turnId, error, willRetry }) =>
    withTurn(view, turnId, (turn) => withError(turn, error, willRetry)),
  'model/rerouted': (view, { turnId, fromModel, toModel, reason }) =>
    withTurn(view, turnId, (turn) =>
      withChanges(turn, { reroute: keepEqual(turn.reroute, { fromModel, toModel, reason }) }),
    ),

  'item/started': (view, { turnId, item }) =>
    withTurn(view, turnId, (turn) => withWholeItem(turn, item, 'started')),
  // A tool's call that was answered is not called resolved; that its item is completed says it.
  'item/completed': (view, { turnId, item }) =>
    withoutRequests(
      withTurn(view, turnId, (turn) => withWholeItem(turn, item, 'completed')),
      (request) =>
        request.method === 'item/tool/call' && request.turnId === turnId && request.itemId === item?.id,
    ),
  'item/agentMessage/delta': (view, params) =>
    withGrownItem(view, params, 'agentMessage', moreText(params.delta)),
  'item/plan/delta': (view, params) => withGrownItem(view, params, 'plan', moreText(params.delta)),
  'item/reasoning/summaryPartAdded': (view, params) =>
    withGrownItem(view, params, 'reasoning', moreSummary(params.summaryIndex, '')),
  'item/reasoning/summaryTextDelta': (view, params) =>
    withGrownItem(view, params, 'reasoning', moreSummary(params.summaryIndex, params.delta)),
  'item/reasoning/textDelta': (view, params) =>
    withGrownItem(view, params, 'reasoning', moreContent(params.contentIndex, params.delta)),
  'item/commandExecution/outputDelta': (view, params) =>
    withGrownItem(view, params, 'commandExecution', moreOutput(params.delta)),
  'item/fileChange/patchUpdated': (view, params) =>
    withGrownItem(view, params, 'fileChange', newChanges(params.changes)),
  'item/mcpToolCall/progress': (view, params) =>
    withGrownItem(view, params, 'mcpToolCall', newProgress(params.message)),

  'serverRequest/resolved': (view, { requestId }) => {
    const key = requestKey(requestId, view.epoch);
    return withoutRequests(view, (request) => request.key === key);
  },

  'item/fileChange/outputDelta': 'no server sends it any more',
  'item/commandExecution/terminalInteraction':
    'what was typed; what the command printed in answer is its output',
  'thread/compacted': 'deprecated; compaction is an item',
  'rawResponseItem/completed': 'the model’s own words for what items say',
  'rawResponse/completed': 'the model’s own words for what items and usage say',
  'item/autoApprovalReview/started': REVIEWS,
  'item/autoApprovalReview/completed': REVIEWS,
  'autoApprovalReview/strictReviewRequired': REVIEWS,
  'hook/started': 'of the host’s hooks; what they say to the agent is an item',
  'hook/completed': 'of the host’s hooks; what they say to the agent is an item',
  'turn/moderationMetadata': 'for whoever runs the model, without a meaning of its own',
  'model/safetyBuffering/updated': STATELESS,
  'model/verification': STATELESS,
  'modelProvider/authRecoveryStarted': STATELESS,
  'modelProvider/authRecoveryCompleted': STATELESS,
  warning: STATELESS,
  guardianWarning: STATELESS,
  deprecationNotice: STATELESS,
  configWarning: STATELESS,
  'windows/worldWritableWarning': STATELESS,
  'thread/archived': LISTS,
  'thread/unarchived': LISTS,
  'thread/readState/changed': LISTS,
  'thread/section/changed': LISTS,
  'thread/project/updated': LISTS,
  'project/changed': LISTS,
  'thread/attachment/updated': 'it names the attachment and does not have it; ask for it',
  'thread/prediction/updated': 'answers a request for a guess at the next input',
  'thread/queue/changed': 'it does not say what is queued; thread/queue/list does',
  'thread/environment/connected': 'of the machine where commands run',
  'thread/environment/disconnected': 'of the machine where commands run',
  'thread/realtime/started': REALTIME,
  'thread/realtime/itemAdded': REALTIME,
  'thread/realtime/item/started': REALTIME,
  'thread/realtime/item/transcript/delta': REALTIME,
  'thread/realtime/item/completed': REALTIME,
  'thread/realtime/transcript/delta': REALTIME,
  'thread/realtime/transcript/done': REALTIME,
  'thread/realtime/outputAudio/delta': REALTIME,
  'thread/realtime/sdp': REALTIME,
  'thread/realtime/error': REALTIME,
  'thread/realtime/closed': REALTIME,
  'command/exec/outputDelta': OWN_PROCESS,
  'process/outputDelta': OWN_PROCESS,
  'process/exited': OWN_PROCESS,
  'fs/changed': ELSEWHERE,
  'skills/changed': ELSEWHERE,
  'mcpServer/oauthLogin/completed': ELSEWHERE,
  'mcpServer/startupStatus/updated': ELSEWHERE,
  'mcpServer/event/stream/notification': ELSEWHERE,
  'account/updated': ELSEWHERE,
  'account/gatewayOAuth/changed': ELSEWHERE,
  'account/rateLimits/updated': ELSEWHERE,
  'account/login/completed': ELSEWHERE,
  'app/list/updated': ELSEWHERE,
  'remoteControl/status/changed': ELSEWHERE,
  'externalAgentConfig/import/progress': ELSEWHERE,
  'externalAgentConfig/import/completed': ELSEWHERE,
  'fuzzyFileSearch/sessionUpdated': ELSEWHERE,
  'fuzzyFileSearch/sessionCompleted': ELSEWHERE,
  'windowsSandbox/setupCompleted': ELSEWHERE,
};

/** The turn with an error, which the end of a turn tells again. */
function withError(turn: TurnView, error: TurnError, willRetry: boolean): TurnView {
  if (turn.status !== 'inProgress') return turn;
  if (willRetry) return withChanges(turn, { retrying: keepEqual(turn.retrying, error) });
  return withChanges(turn, { error: keepEqual(turn.error, error), retrying: null });
}

/** The view with what the server says of its thread, but for the turns. */
export function withThreadFacts(view: ThreadView, thread: Thread): ThreadView {
  const { status, name, preview, parentThreadId, cwd, model, modelProvider, reasoningEffort } = thread;
  return withChanges(view, {
    status: keepEqual(view.status, status),
    name,
    preview,
    parentThreadId,
    cwd,
    model,
    modelProvider,
    reasoningEffort,
  });
}

/** A review runs as a turn within its own, under whose name its items and its end come: that one is all there is to show. */
function startedTurnId({ turns }: ThreadView, turn: Turn | undefined): string | undefined {
  const root = turns.at(-1);
  const isWithin = root !== undefined && root.id === turn?.rootTurnId && root.status === 'inProgress';
  return isWithin ? root.id : turn?.id;
}
