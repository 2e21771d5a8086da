/**
 * The fault points, by family. The families of one way to end are cut at every byte of the short session; the others
 * put one wrong thing at each of its steps.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultPoint } from './fault-point.js';
import { SHORT_SESSION, sessionLines } from './transcript.js';

const session = Buffer.concat(sessionLines());

interface Way {
  readonly how: string;
  readonly isShutDown?: boolean;
  readonly exitCode?: number;
  readonly signal?: string;
}

/** The ways to die. */
const DEATHS: readonly Way[] = [
  { how: 'exit:0', exitCode: 0 },
  { how: 'signal:KILL', signal: 'SIGKILL' },
  { how: 'exit:1', exitCode: 1 },
  { how: 'signal:TERM', signal: 'SIGTERM' },
  { how: 'exit:137', exitCode: 137 },
  { how: 'signal:SEGV', signal: 'SIGSEGV' },
];
const EXIT = { how: 'exit:3', exitCode: 3 } as const;

/** What can be put between two lines of a session, by what it is. */
const INTRUDERS: Readonly<Record<string, string | Buffer>> = {
  'an empty line': '\n',
  'a line of noise': 'thread main panicked at src/main.rs\n',
  'noise that looks like the end of a message': '"x"}}\n',
  'a byte order mark': '\uFEFF{"method":"marked","params":{}}\n',
  'a NUL byte': '\0\n',
  'a carriage return': '{"method":"with/cr","params":{}}\r\n',
  'half a message': '{"method":"half","para\n',
  'an object that is no message': '{"jsonrpc":"2.0"}\n',
  'an empty object': '{}\n',
  'a second answer': '{"id":1,"result":{}}\n{"id":1,"error":{"code":1,"message":"again"}}\n',
  'an answer to nobody': '{"id":999,"result":{}}\n{"id":"999","result":{}}\n{"id":-1,"result":null}\n',
  'an error without an id': '{"id":null,"error":{"code":-32700,"message":"parse error"}}\n',
  'a server request with an id that is taken': '{"id":0,"method":"again","params":{}}\n',
  'half a UTF-8 sequence in a message': Buffer.from([
    ...Buffer.from('{"method":"cut","params":{"text":"'),
    0xf0,
    0x9f,
    ...Buffer.from('"}}\n'),
  ]),
  'half a UTF-8 sequence at the end of a line': Buffer.from([...Buffer.from('{"method":"cu'), 0xc3, 0x0a]),
  'half a UTF-8 sequence of noise': Buffer.from([0xe2, 0x80, 0x0a]),
  'a lone surrogate': '{"method":"lone","params":{"text":"\\ud83d"}}\n',
  'a deep message': `{"method":"deep","params":${'['.repeat(500)}${']'.repeat(500)}}\n`,
};

/** Every family with its points. The numbers of the families are summed up in the tests. */
export const FAMILIES: Readonly<Record<string, () => readonly FaultPoint[]>> = {
  'dies at every byte': () => atEveryByte((bytes) => DEATHS[bytes % DEATHS.length] ?? EXIT),
  'stalls at every byte and is shut down': () =>
    atEveryByte(() => ({ how: 'stalls-reading', isShutDown: true, exitCode: 0 })),
  'closes stdout at every byte and lives': () => atEveryByte(() => ({ how: 'closes-stdout', exitCode: 5 })),
  'stops reading at some bytes and is shut down': () =>
    atEveryByte(() => ({ how: 'stalls-deaf', isShutDown: true, signal: 'SIGTERM' }), 29),
  'ignores SIGTERM at some bytes and is shut down': () =>
    atEveryByte(() => ({ how: 'stalls-unkillable', isShutDown: true, signal: 'SIGKILL' }), 97),
  'closes stdin at some bytes and lives': () =>
    // A write has to fail for it to be noticed, so one is stuck in every point.
    atEveryByte(() => ({ how: 'closes-stdin', signal: 'SIGTERM' }), 19).map((point) => ({
      ...point,
      hasStuckWrite: true,
    })),
  'floods stderr at some bytes and exits': () =>
    atEveryByte(() => ({ how: 'floods-stderr:300000', exitCode: 6 }), 61),
  'writes what it should not at every step': intrusions,
};

function atEveryByte(wayAt: (bytes: number) => Way, stride = 1): FaultPoint[] {
  const points: FaultPoint[] = [];
  for (let bytes = 0; bytes <= session.length; bytes += stride)
    points.push(pointOf(SHORT_SESSION, session.subarray(0, bytes), wayAt(bytes), bytes % 2 === 1));
  return points;
}

function intrusions(): FaultPoint[] {
  const folder = mkdtempSync(join(tmpdir(), 'codex-async-client-faults-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const lines = sessionLines();
  return Object.values(INTRUDERS).flatMap((intruder, kind) =>
    Array.from({ length: lines.length + 1 }, (_, step) => {
      const written = Buffer.concat([...lines.slice(0, step), Buffer.from(intruder), ...lines.slice(step)]);
      const file = join(folder, `${kind}-${step}.jsonl`);
      writeFileSync(file, written);
      return pointOf(file, written, EXIT, step % 2 === 1);
    }),
  );
}

function pointOf(file: string, written: Buffer, way: Way, hasStuckWrite: boolean): FaultPoint {
  const { how, isShutDown = false, exitCode = null, signal = null } = way;
  return { file, written, how, isShutDown, exitCode, signal, hasStuckWrite };
}
