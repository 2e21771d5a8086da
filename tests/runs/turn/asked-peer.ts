/** A peer of which nothing is there but what answers questions, in the way that a test lays out. */
import { Peer } from '../../../src/session/peer.js';

/** A question as it was asked. */
export type Asked = readonly [method: string, params: object, options: object];

/** Answers the questions one after the other; an error is a rejection, and more than are laid out wait for ever. */
export function askedPeer(answers: readonly unknown[], { requestTimeoutMs = 7_000, turnId = '' } = {}) {
  const asked: Asked[] = [];
  const state = { isPaused: false };
  const call = (...[method, params, options]: Asked): Promise<unknown> => {
    const answer = answers[asked.push([method, params, options]) - 1];
    if (answer instanceof Error) return Promise.reject(answer);
    return asked.length > answers.length ? new Promise(() => {}) : Promise.resolve(answer);
  };
  const activity = { isOthers: (_: string, asked: string) => turnId !== '' && turnId !== asked };
  const peer = {
    requestTimeoutMs,
    get questionTimeoutMs(): unknown {
      return Reflect.get(Peer.prototype, 'questionTimeoutMs', this);
    },
    activity,
    call,
    get isPaused() {
      return state.isPaused;
    },
  };
  // Whoever asks uses nothing else.
  return { peer: peer as unknown as Peer, asked, state };
}

/** The answer to `thread/read`. */
export const threadOf = (status: string, turns: readonly object[] = []) => ({
  thread: { id: 't', status: { type: status }, turns },
});
