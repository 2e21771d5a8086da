/** How long each step of the doctor may take, in milliseconds: it always comes to an end, whatever it looks at. */

/** The limits of one examination. */
export interface DoctorLimits {
  /** From the start of a server to the end of its handshake. */
  readonly handshakeMs: number;
  /** One answer of a server that runs. */
  readonly answerMs: number;
  /** The silence after which a server has no more warnings. */
  readonly warningsMs: number;
  /** The whole of a scripted turn. */
  readonly turnMs: number;
  /** A program that only says its version. */
  readonly programMs: number;
  /** A login shell that does nothing. */
  readonly shellMs: number;
  /** A login shell that takes longer is told of. */
  readonly slowShellMs: number;
  /** Each step of ending a server; see `shutdownGraceMs`. */
  readonly graceMs: number;
  /** Gives every step up at once; what it has started is ended as ever. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Long enough for a machine that is busy: codex answers the handshake in 60 to 600 ms, a scripted turn is over within a
 * second. A shell of 2 s is what an agent with ten commands waits 20 s for.
 */
export const DOCTOR_LIMITS: DoctorLimits = {
  handshakeMs: 20_000,
  answerMs: 10_000,
  warningsMs: 500,
  turnMs: 30_000,
  programMs: 10_000,
  shellMs: 5_000,
  slowShellMs: 2_000,
  graceMs: 500,
};
