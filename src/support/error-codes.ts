/** The codes of this package's errors, and the class that each belongs to. */

/** The value of `CodexClientError.code`; these strings are part of the public contract. */
export type CodexErrorCode =
  | 'CODEX_INVALID_ARGUMENT'
  | 'CODEX_SPAWN'
  | 'CODEX_CONNECTION'
  | 'CODEX_HANDSHAKE'
  | 'CODEX_UNSUPPORTED_SERVER'
  | 'CODEX_RPC'
  | 'CODEX_OVERLOADED'
  | 'CODEX_REQUEST_TIMEOUT'
  | 'CODEX_SERVER_CLOSED'
  | 'CODEX_PROTOCOL'
  | 'CODEX_BACKPRESSURE'
  | 'CODEX_ALREADY_RESPONDED'
  | 'CODEX_STALE_REQUEST'
  | 'CODEX_CONCURRENT_READ'
  | 'CODEX_ALREADY_READ'
  | 'CODEX_TURN_FAILED'
  | 'CODEX_THREAD_RUN'
  | 'CODEX_THREAD_BUSY'
  | 'CODEX_THREAD_BUSY_ELSEWHERE'
  | 'CODEX_RESUME_WOULD_SPEND'
  | 'CODEX_TURN_NOT_FOUND'
  | 'CODEX_TURN_REMOVED'
  | 'CODEX_TURN_OUTCOME_UNKNOWN'
  | 'CODEX_BUDGET_EXCEEDED'
  | 'CODEX_OUTPUT_MISMATCH'
  | 'CODEX_TAPE_MISMATCH';

/** The name of the class with each code. */
export const ERROR_NAMES: Record<CodexErrorCode, string> = {
  CODEX_INVALID_ARGUMENT: 'InvalidArgumentError',
  CODEX_SPAWN: 'SpawnError',
  CODEX_CONNECTION: 'ConnectionError',
  CODEX_HANDSHAKE: 'HandshakeError',
  CODEX_UNSUPPORTED_SERVER: 'UnsupportedServerError',
  CODEX_RPC: 'RpcError',
  CODEX_OVERLOADED: 'OverloadedError',
  CODEX_REQUEST_TIMEOUT: 'RequestTimeoutError',
  CODEX_SERVER_CLOSED: 'ServerClosedError',
  CODEX_PROTOCOL: 'ProtocolError',
  CODEX_BACKPRESSURE: 'BackpressureError',
  CODEX_ALREADY_RESPONDED: 'AlreadyRespondedError',
  CODEX_STALE_REQUEST: 'StaleRequestError',
  CODEX_CONCURRENT_READ: 'ConcurrentReadError',
  CODEX_ALREADY_READ: 'AlreadyReadError',
  CODEX_TURN_FAILED: 'TurnFailedError',
  CODEX_THREAD_RUN: 'ThreadRunError',
  CODEX_THREAD_BUSY: 'ThreadBusyError',
  CODEX_THREAD_BUSY_ELSEWHERE: 'ThreadBusyElsewhereError',
  CODEX_RESUME_WOULD_SPEND: 'ResumeWouldSpendError',
  CODEX_TURN_NOT_FOUND: 'TurnNotFoundError',
  CODEX_TURN_REMOVED: 'TurnRemovedError',
  CODEX_TURN_OUTCOME_UNKNOWN: 'TurnOutcomeUnknownError',
  CODEX_BUDGET_EXCEEDED: 'BudgetExceededError',
  CODEX_OUTPUT_MISMATCH: 'OutputMismatchError',
  CODEX_TAPE_MISMATCH: 'TapeMismatchError',
};
