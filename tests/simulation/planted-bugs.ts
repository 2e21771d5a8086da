/** Bugs that are put between the client and the two that it serves, the server and the program: each breaks a law. */
import type { PointOptions } from './point.js';

type Lens = NonNullable<PointOptions['lens']>;

/** A bug. */
export interface PlantedBug {
  readonly what: string;
  /** The law that it breaks. */
  readonly law: string;
  /** Made anew for each point. */
  lens(): Lens;
}

/** The same words of another run. */
function ofTheOther(text: string): string {
  return text.replace(/"run (\d+)"/, (_, n) => `"run ${Number(n) ^ 1}"`);
}

const NEVER = new Promise<never>(() => {});

/** Every so often, counted. */
function everyNth(n: number): () => boolean {
  let count = 0;
  return () => {
    count += 1;
    return count % n === 0;
  };
}

/** Puts lines that are picked behind others that pass: the next one, unless more are asked for. */
function delayed(picks: (text: string) => boolean, lineEnd: string, lines = 1): (text: string) => string {
  let held = '';
  let left = 0;
  return (text) => {
    if (held === '' && picks(text)) {
      held = text;
      left = lines;
      return '';
    }
    left -= 1;
    if (held === '' || left > 0) return text;
    const late = held;
    held = '';
    return `${text}${lineEnd}${late}`;
  };
}

const isNotification = (text: string) => text.startsWith('{"method"');
const isAnswer = (text: string) => /^\{"id":[^,]+,"(result|error)"/.test(text);

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    what: 'a message is lost',
    law: 'L1',
    lens: () => {
      const isDue = everyNth(4);
      return { toClient: (text) => (isNotification(text) && isDue() ? '' : text) };
    },
  },
  {
    what: 'a message comes twice',
    law: 'L1',
    lens: () => {
      const isDue = everyNth(4);
      return { toClient: (text) => (isNotification(text) && isDue() ? text + text : text) };
    },
  },
  {
    what: 'two messages change places',
    law: 'L1',
    lens: () => ({ toClient: delayed(isNotification, '') }),
  },
  {
    what: 'an answer comes after what followed it',
    law: 'L2',
    lens: () => ({ toClient: delayed((text) => isAnswer(text) && text.includes('call-'), '', 5) }),
  },
  {
    what: 'calls get each other’s answers',
    law: 'L10',
    lens: () => ({ toClient: (text) => text.replace(/call-\d+/, 'call-0') }),
  },
  {
    what: 'notifications and answers change places',
    law: 'L8',
    lens: () => ({ toServer: delayed((text) => text.includes('"place"'), '\n') }),
  },
  {
    what: 'a server request is answered twice',
    law: 'L12',
    lens: () => ({ toServer: (text) => (isAnswer(text) ? `${text}\n${text}` : text) }),
  },
  {
    what: 'an answer is lost',
    law: 'L8',
    lens: () => ({ toServer: (text) => (text.includes('"decision":"accept"') ? '' : text) }),
  },
  {
    what: 'a run that is left interrupts nothing',
    law: 'L11',
    lens: () => ({ toServer: (text) => (text.includes('turn/interrupt') ? '' : text) }),
  },
  {
    what: 'a turn spends more than it tells',
    law: 'L15',
    lens: () => ({ toClient: (text) => text.replace('"total":{"totalTokens"', '"total":{"tokens"') }),
  },
  {
    what: 'a run that nobody reads refuses nothing',
    law: 'L16',
    lens: () => ({ toServer: (text) => (isAnswer(text) && !text.includes('"place"') ? '' : text) }),
  },
  {
    what: 'a request never settles',
    law: 'L10',
    lens: () => ({ promise: (kind, promise) => (kind === 'call' ? NEVER : promise) }),
  },
  {
    what: 'a result never settles',
    law: 'L10',
    lens: () => ({ promise: (kind, promise) => (kind === 'run' ? NEVER : promise) }),
  },
  {
    what: 'a rejection is left to nobody',
    law: 'L10',
    lens: () => ({
      promise: (kind, promise) => {
        if (kind === 'write') void Promise.reject(new Error('planted'));
        return promise;
      },
    }),
  },
  {
    what: 'a timer is left behind',
    law: 'L10',
    lens: () => ({
      promise: (kind, promise) => {
        if (kind === 'write') setTimeout(() => {}, 2 ** 31 - 1);
        return promise;
      },
    }),
  },
  {
    what: 'a goal that is left goes on',
    law: 'L11',
    lens: () => ({ toServer: (text) => text.replace('"status":"paused"', '"status":"active"') }),
  },
  {
    what: 'a turn of a goal ends otherwise than it is told',
    law: 'L15',
    lens: () => ({ toClient: (text) => text.replace('"status":"complete"', '"status":"budgetLimited"') }),
  },
  {
    what: 'a tool loop that is left refuses nothing',
    law: 'L16',
    lens: () => ({ toServer: (text) => (text.includes('its consumer has left') ? '' : text) }),
  },
  {
    what: 'the arguments of a tool call are not looked at',
    law: 'L20',
    lens: () => ({ toClient: (text) => text.replace('"count":"many"', '"count":1') }),
  },
  {
    what: 'a turn is added to the queue twice',
    law: 'L24',
    lens: () => ({ toServer: (text) => (text.includes('thread/queue/add') ? `${text}\n${text}` : text) }),
  },
  {
    what: 'a turn of the queue is not known again',
    law: 'L24',
    lens: () => ({ toClient: (text) => text.replaceAll('"clientId":"', '"clientId":"another ') }),
  },
  {
    what: 'turns change places in the queue',
    law: 'L14',
    lens: () => ({ toServer: (text) => (text.includes('thread/queue/add') ? ofTheOther(text) : text) }),
  },
  {
    what: 'a piece of text is cut short',
    law: 'L22',
    lens: () => ({
      toClient: (text) => (text.includes('"m"') ? text : text.replace(/("delta":"\[\d+\])ü+"/, '$1"')),
    }),
  },
];
