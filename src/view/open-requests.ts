/**
 * The server requests of a thread that wait for an answer. Owns which requests belong to a thread, where they are in it, how
 * they are named, and what takes them away; answering them is the client's.
 */
import type { RequestId, ServerRequests } from '../protocol/generated.js';
import { withChanges } from './shared-structure.js';
import type { RequestView, ThreadRequestMethod, ThreadView } from './thread-view.js';

/** Where in its thread a request belongs. */
type RequestPlace = Pick<RequestView, 'turnId' | 'itemId'>;

/** How a request is placed, or why it is not of a thread. */
type Placement<M extends keyof ServerRequests> = M extends ThreadRequestMethod
  ? (params: ServerRequests[M]['params']) => RequestPlace
  : string;

const ofItem = ({ turnId, itemId }: { turnId: string; itemId: string }): RequestPlace => ({ turnId, itemId });
const ofCall = ({ callId }: { callId: string }): RequestPlace => ({ turnId: null, itemId: callId });

/** Every server request of the protocol. A new one does not compile until somebody has decided about it here. */
const PLACEMENTS: { readonly [M in keyof ServerRequests]: Placement<M> } = {
  'item/commandExecution/requestApproval': ofItem,
  'item/fileChange/requestApproval': ofItem,
  'item/permissions/requestApproval': ofItem,
  'item/tool/requestUserInput': ofItem,
  'item/tool/call': ({ turnId, callId }) => ({ turnId, itemId: callId }),
  'mcpServer/elicitation/request': ({ turnId }) => ({ turnId, itemId: null }),
  applyPatchApproval: ofCall,
  execCommandApproval: ofCall,
  'currentTime/read': 'asks the program for the time; nobody decides anything',
  'account/chatgptAuthTokens/refresh': 'of the account, not of a thread',
  'attestation/generate': 'of the machine, not of a thread',
};

/**
 * The name of a server request: the server process and the id, of which `0` and `"0"` are two.
 *
 * @param epoch - As given to `emptyView` or `viewOfThread`. @defaultValue `'0'`
 */
export function requestKey(id: RequestId, epoch = '0'): string {
  return `${epoch}:${JSON.stringify(id)}`;
}

/** The view with a request that was made. The same one again, as after `thread/resume`, changes nothing. */
export function withRequest(
  view: ThreadView,
  id: RequestId | undefined,
  method: string,
  params: object,
): ThreadView {
  if (id === undefined || !isThreadRequest(method)) return view;
  const request = requestView(view.epoch, id, method, params);
  const known = view.requests.find(({ key }) => key === request.key);
  if (known !== undefined && isSame(known, request)) return view;
  // An id that comes back for something else is of a server that counts anew; the earlier request died with the other.
  return withChanges(view, { requests: [...view.requests.filter((other) => other !== known), request] });
}

/** The view without the requests that the test holds for. */
export function withoutRequests(view: ThreadView, isOver: (request: RequestView) => boolean): ThreadView {
  return view.requests.some(isOver)
    ? withChanges(view, { requests: view.requests.filter((request) => !isOver(request)) })
    : view;
}

/** Whether a view has such a request while it is open. */
export function isThreadRequest(method: string): method is ThreadRequestMethod {
  return Object.hasOwn(PLACEMENTS, method) && typeof PLACEMENTS[method as ThreadRequestMethod] === 'function';
}

function requestView(epoch: string, id: RequestId, method: ThreadRequestMethod, params: object): RequestView {
  // The wire's edge: the method says what the params are.
  const place = PLACEMENTS[method] as (received: object) => Partial<RequestPlace>;
  const { turnId = null, itemId = null } = place(params);
  return { key: requestKey(id, epoch), id, method, params, turnId, itemId } as RequestView;
}

function isSame(known: RequestView, other: RequestView): boolean {
  return known.method === other.method && known.turnId === other.turnId && known.itemId === other.itemId;
}
