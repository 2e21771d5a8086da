/** Bugs that are put between a supervisor, its servers and its users: each breaks a law of lives. */
import { ServerClosedError } from 'codex-async-client';
import type { PlantedBug } from './planted-bugs.js';

const NEVER = new Promise<never>(() => {});

const isAnswer = (text: string) => /^\{"id":[^,]+,"(result|error)"/.test(text);
const isDelta = (text: string) => text.startsWith('{"method":"item/agentMessage/delta"');
const isStatus = (text: string) => text.startsWith('{"method":"thread/status/changed"');

/** Every so often, counted. */
function everyNth(n: number): () => boolean {
  let count = 0;
  return () => {
    count += 1;
    return count % n === 0;
  };
}

export const OUTLIVING_BUGS: readonly PlantedBug[] = [
  {
    what: 'a turn is sent twice',
    law: 'L24',
    lens: () => ({ toServer: (text) => (text.includes('"turn/start"') ? `${text}\n${text}` : text) }),
  },
  {
    what: 'a thread is said to have no goal and no queue, and is resumed',
    law: 'L24',
    lens: () => ({
      toClient: (text) =>
        text
          .replace(/"goal":\{[^}]*\}/, '"goal":null')
          .replace(/"data":\[\{"id":"queued.*\],"next/, '"data":[],"next'),
    }),
  },
  {
    what: 'a restart does not tell which turns were lost',
    law: 'L24',
    lens: () => ({ toClient: (text) => (text.startsWith('{"method":"turn/started"') ? '' : text) }),
  },
  {
    what: 'a run with a key is told that its server went',
    law: 'L24',
    lens: () => ({
      promise: (kind, promise) => (kind === 'run' ? promise.then(() => Promise.reject(gone())) : promise),
    }),
  },
  {
    what: 'a request is answered twice',
    law: 'L12',
    lens: () => ({ toServer: (text) => (isAnswer(text) ? `${text}\n${text}` : text) }),
  },
  {
    what: 'an answer goes to the request that has the same id now',
    law: 'L12',
    lens: () => ({ toServer: (text) => text.replace(/"for":"asked-\d+"/, '"for":"asked-0"') }),
  },
  {
    what: 'a page misses a message',
    law: 'L25',
    lens: () => {
      const isDue = everyNth(4);
      return { toClient: (text) => (isDelta(text) && isDue() ? '' : text) };
    },
  },
  {
    what: 'a page misses a state, and the next one does not say so',
    law: 'L25',
    lens: () => {
      const isDue = everyNth(4);
      return { toClient: (text) => (isStatus(text) && isDue() ? '' : text) };
    },
  },
  {
    what: 'a page gets a message twice',
    law: 'L25',
    lens: () => {
      const isDue = everyNth(4);
      return { toClient: (text) => (isDelta(text) && isDue() ? text + text : text) };
    },
  },
  {
    what: 'a result never settles',
    law: 'L10',
    lens: () => ({ promise: (kind, promise) => (kind === 'run' ? NEVER : promise) }),
  },
  {
    what: 'a timer is left behind',
    law: 'L10',
    lens: () => ({
      promise: (kind, promise) => {
        if (kind === 'call') setTimeout(() => {}, 2 ** 31 - 1);
        return promise;
      },
    }),
  },
];

function gone(): ServerClosedError {
  return new ServerClosedError('planted', { exitCode: null, signal: null, stderrTail: '' });
}
