/**
 * What becomes of a notification that a reader who lags has not read when the next one of its kind comes (L22). By hand,
 * because no type says it; a notification that stands in no row does not compile.
 */
import type { ServerNotifications } from './generated.js';

/** A piece of a text or of bytes: it is put behind the one before it. */
interface Grows<P> {
  readonly rule: 'grows';
  /** The member that holds the piece. */
  readonly member: TextMember<P>;
  /** The pieces are bytes in base64, each encoded by itself. */
  readonly isBase64?: true;
  /** What besides method, thread and turn has to be equal: the item, the part of the item. */
  readonly within: readonly (keyof P & string)[];
}

/** The state of something: only the latest is of interest. */
interface Replaces<P> {
  readonly rule: 'replaces';
  /** What besides method, thread and turn has to be equal. */
  readonly within: readonly (keyof P & string)[];
}

/** An event of its own: each one is read. */
interface Plain {
  readonly rule: 'plain';
}

type TextMember<P> = { [K in keyof P & string]: P[K] extends string ? K : never }[keyof P & string];

/** What becomes of a notification with the params `P`. */
type RuleFor<P> = Grows<P> | Replaces<P> | Plain;

/** What becomes of a notification, whatever its params are. */
export type CoalescingRule =
  | (Omit<Grows<never>, 'member' | 'within'> & {
      readonly member: string;
      readonly within: readonly string[];
    })
  | { readonly rule: 'replaces'; readonly within: readonly string[] }
  | Plain;

const plain: Plain = { rule: 'plain' };
const delta = { rule: 'grows', member: 'delta', within: ['itemId'] } as const;
const latest = { rule: 'replaces', within: [] } as const;

const RULES: { readonly [M in keyof ServerNotifications]: RuleFor<ServerNotifications[M]> } = {
  // Text and bytes that are written piece by piece.
  'item/agentMessage/delta': delta,
  'item/plan/delta': delta,
  'item/commandExecution/outputDelta': delta,
  'item/fileChange/outputDelta': delta,
  'item/reasoning/textDelta': { rule: 'grows', member: 'delta', within: ['itemId', 'contentIndex'] },
  'item/reasoning/summaryTextDelta': { rule: 'grows', member: 'delta', within: ['itemId', 'summaryIndex'] },
  'thread/realtime/item/transcript/delta': delta,
  'thread/realtime/transcript/delta': { rule: 'grows', member: 'delta', within: ['role'] },
  'command/exec/outputDelta': {
    rule: 'grows',
    member: 'deltaBase64',
    isBase64: true,
    within: ['processId', 'stream'],
  },
  'process/outputDelta': {
    rule: 'grows',
    member: 'deltaBase64',
    isBase64: true,
    within: ['processHandle', 'stream'],
  },

  // States that are told whole.
  'turn/diff/updated': latest,
  'turn/plan/updated': latest,
  'thread/tokenUsage/updated': latest,
  'thread/status/changed': latest,
  'thread/name/updated': latest,
  'thread/settings/updated': latest,
  'thread/readState/changed': latest,
  'thread/goal/updated': latest,
  'thread/queue/changed': latest,
  'model/safetyBuffering/updated': latest,
  'mcpServer/startupStatus/updated': { rule: 'replaces', within: ['name'] },
  'account/updated': latest,
  'account/rateLimits/updated': latest,
  'app/list/updated': latest,
  'skills/changed': latest,
  'remoteControl/status/changed': latest,
  'externalAgentConfig/import/progress': { rule: 'replaces', within: ['importId'] },
  'fuzzyFileSearch/sessionUpdated': { rule: 'replaces', within: ['sessionId'] },

  // Events, each told once. Audio is one, too: its pieces are not texts.
  error: plain,
  // The first one begins an item, and that has a place among the others.
  'item/fileChange/patchUpdated': plain,
  'thread/started': plain,
  'thread/archived': plain,
  'thread/deleted': plain,
  'thread/unarchived': plain,
  'thread/closed': plain,
  'thread/reverted': plain,
  'thread/section/changed': plain,
  'thread/attachment/updated': plain,
  'thread/prediction/updated': plain,
  'thread/goal/cleared': plain,
  'thread/project/updated': plain,
  'thread/environment/connected': plain,
  'thread/environment/disconnected': plain,
  'thread/compacted': plain,
  'thread/realtime/started': plain,
  'thread/realtime/itemAdded': plain,
  'thread/realtime/item/started': plain,
  'thread/realtime/item/completed': plain,
  'thread/realtime/transcript/done': plain,
  'thread/realtime/outputAudio/delta': plain,
  'thread/realtime/sdp': plain,
  'thread/realtime/error': plain,
  'thread/realtime/closed': plain,
  'project/changed': plain,
  'turn/started': plain,
  'turn/completed': plain,
  'turn/moderationMetadata': plain,
  'hook/started': plain,
  'hook/completed': plain,
  'item/started': plain,
  'item/completed': plain,
  'item/autoApprovalReview/started': plain,
  'item/autoApprovalReview/completed': plain,
  'item/commandExecution/terminalInteraction': plain,
  'item/mcpToolCall/progress': plain,
  'item/reasoning/summaryPartAdded': plain,
  'autoApprovalReview/strictReviewRequired': plain,
  'rawResponseItem/completed': plain,
  'rawResponse/completed': plain,
  'process/exited': plain,
  'serverRequest/resolved': plain,
  'mcpServer/oauthLogin/completed': plain,
  'mcpServer/event/stream/notification': plain,
  'account/gatewayOAuth/changed': plain,
  'account/login/completed': plain,
  'externalAgentConfig/import/completed': plain,
  'fs/changed': plain,
  'model/rerouted': plain,
  'model/verification': plain,
  'modelProvider/authRecoveryStarted': plain,
  'modelProvider/authRecoveryCompleted': plain,
  warning: plain,
  guardianWarning: plain,
  deprecationNotice: plain,
  configWarning: plain,
  'fuzzyFileSearch/sessionCompleted': plain,
  'windows/worldWritableWarning': plain,
  'windowsSandbox/setupCompleted': plain,
};

const BY_METHOD: ReadonlyMap<string, CoalescingRule> = new Map(Object.entries<CoalescingRule>(RULES));

/** What becomes of an unread notification of this method; one that the types do not know is an event of its own. */
export function coalescingRuleOf(method: string): CoalescingRule {
  return BY_METHOD.get(method) ?? plain;
}
