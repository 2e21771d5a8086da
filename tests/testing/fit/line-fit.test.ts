/** Whether a line stands for a recorded one, what that teaches, and what the server's lines are then. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MASKED } from '../../../src/support/secret-shapes.js';
import { LineFit } from '../../../src/testing/fit/line-fit.js';
import { maskMessage } from '../../../src/testing/tapes/masking.js';
import type { TapeMessage } from '../../../src/testing/tapes/tape.js';
import { ENTRIES } from '../tapes/any-lines.js';
import { anyLine, anyRun, RECORDED } from './any-line.js';

const request = (method: string, params?: unknown): TapeMessage =>
  params === undefined ? { id: 1, method } : { id: 1, method, params };

/** Where two params differ, in a replay of their own. */
function placesOf(recorded: unknown, given: unknown, method = 'turn/start', ignore: string[] = []): string[] {
  const differences = new LineFit(ignore).fit(request(method, recorded), request(method, given));
  return differences.map(({ path }) => path);
}

describe('what fits', () => {
  test.each<[string, unknown, unknown, string?]>([
    [
      'the same',
      { threadId: 't', input: [{ type: 'text', text: 'a' }] },
      { threadId: 't', input: [{ type: 'text', text: 'a' }] },
    ],
    ['another folder to watch', { path: '/tmp/a1' }, { path: '/tmp/b2' }, 'fs/watch'],
    ['the same in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['params that are left out, for empty ones', undefined, {}],
    ['null for a member that was left out', { threadId: 't' }, { threadId: 't', model: null }],
    ['a member left out, for null', { threadId: 't', model: null }, { threadId: 't' }],
    [
      'a list that is empty by default, left out',
      { input: [{ text: 'a' }] },
      { input: [{ text: 'a', text_elements: [] }] },
    ],
    ['any string for a masked one', { apiKey: MASKED }, { apiKey: 'sk-1' }],
    ['any value for a masked one', { account: MASKED }, { account: { id: [1] } }],
    ['any part for a masked one', { text: `key ${MASKED}, ${MASKED}!` }, { text: 'key a, b, c!' }],
    [
      'another time',
      { createdAt: 1, at: { startedAtMs: 2 }, timestamp: 'x' },
      { createdAt: 5, at: { startedAtMs: 3 }, timestamp: 'y' },
    ],
    [
      'another version of the client',
      { clientInfo: { name: 'a', version: '1' } },
      { clientInfo: { name: 'a', version: '2' } },
      'initialize',
    ],
    [
      'another id of the client',
      { processId: 'p1', command: ['ls'] },
      { processId: 'q1', command: ['ls'] },
      'command/exec',
    ],
    [
      'a file below another root',
      { path: '/home/alice/proj/a.ts' },
      { path: '/srv/bob/proj/a.ts' },
      'fs/readFile',
    ],
    [
      'a file of another system',
      { path: '/home/alice/proj/a.ts' },
      { path: 'C:\\work\\proj\\a.ts' },
      'fs/readFile',
    ],
    ['a file URL below another root', { url: 'file:///home/a%20b/p/a.ts' }, { url: 'file:///tmp/p/a.ts' }],
    ['another folder', { cwd: '/home/alice/proj' }, { cwd: '/tmp/x7' }],
    ['other folders', { runtimeWorkspaceRoots: ['/a/b', '/c/d'] }, { runtimeWorkspaceRoots: ['/e', '/f'] }],
    ['another folder to make', { path: '/tmp/a1' }, { path: '/tmp/b2' }, 'fs/createDirectory'],
    [
      'a key that is a path below another root',
      { files: { '/home/a/x.ts': 1, k: 2 } },
      { files: { k: 2, '/tmp/x.ts': 1 } },
    ],
    ['a key that is masked', { files: { [`${MASKED}.ts`]: 1 } }, { files: { 'a.ts': 1 } }],
  ])('%s', (_, recorded, given, method) => {
    expect(placesOf(recorded, given, method)).toEqual([]);
  });
});

describe('what does not fit, with its place', () => {
  test.each<[string, unknown, unknown, string, string?]>([
    ['another text', { input: [{ text: 'a' }] }, { input: [{ text: 'b' }] }, 'params.input.0.text'],
    ['another file to watch', { path: '/p/a.ts' }, { path: '/q/b.ts' }, 'params.path', 'fs/watch'],
    ['another type', { a: { b: 1 } }, { a: [1] }, 'params.a'],
    ['a number for its text', { a: 1 }, { a: '1' }, 'params.a'],
    ['more entries', { a: [1] }, { a: [1, 2] }, 'params.a.1'],
    ['fewer entries', { a: [1, null] }, { a: [1] }, 'params.a.1'],
    ['a member that is missing', { a: 1, b: 2 }, { a: 1 }, 'params.b'],
    ['a member too many', { a: 1 }, { a: 1, b: false }, 'params.b'],
    ['an empty list that says something', { environments: [] }, {}, 'params.environments'],
    ['null where it clears', { threadId: 't', serviceTier: null }, { threadId: 't' }, 'params.serviceTier'],
    [
      'null in a change',
      { gitInfo: { sha: null } },
      { gitInfo: {} },
      'params.gitInfo.sha',
      'thread/metadata/update',
    ],
    [
      'null for a variable that is removed',
      { env: { A: null } },
      { env: {} },
      'params.env.A',
      'command/exec',
    ],
    ['nothing for what is masked', { apiKey: MASKED }, {}, 'params.apiKey'],
    ['another text around what is masked', { text: `a ${MASKED} b` }, { text: 'a b' }, 'params.text'],
    [
      'another name of the client',
      { clientInfo: { name: 'a' } },
      { clientInfo: { name: 'b' } },
      'params.clientInfo.name',
      'initialize',
    ],
    [
      'another file of the same folder',
      { path: '/p/a.ts' },
      { path: '/p/b.ts' },
      'params.path',
      'fs/readFile',
    ],
    [
      'a prompt that is a path',
      { input: [{ text: '/a/x.ts' }] },
      { input: [{ text: '/b/x.ts' }] },
      'params.input.0.text',
    ],
    ['an id that only the server makes', { threadId: 'a' }, { threadId: 'b' }, 'params.threadId'],
    [
      'a process that the server named',
      { processId: '1' },
      { processId: '2' },
      'params.processId',
      'thread/backgroundTerminals/terminate',
    ],
    ['another key', { files: { '/p/a.ts': 1 } }, { files: { '/p/b.ts': 1 } }, 'params.files./p/a.ts'],
  ])('%s', (_, recorded, given, place, method) => {
    expect(placesOf(recorded, given, method)[0]).toBe(place);
  });

  test('another method, and an answer in place of a request', () => {
    expect(new LineFit([]).fit({ id: 1, method: 'a' }, { id: 1, method: 'b' })).toEqual([
      { path: 'method', recorded: 'a', given: 'b' },
    ]);
    expect(new LineFit([]).fit({ id: 1, method: 'a' }, { method: 'a' })).toEqual([
      { path: 'id', recorded: 1, given: undefined },
    ]);
    expect(
      new LineFit([]).fit({ id: 1, result: {} }, { id: 1, error: { code: 1 } }).map(({ path }) => path),
    ).toEqual(['result', 'error']);
  });
});

describe('what a line teaches', () => {
  const exec = (processId: string) => request('command/exec', { processId });
  const read = (path: string) => request('fs/readFile', { path });

  test('an id stands for one recorded id, and only for it', () => {
    const fit = new LineFit([]);
    expect(fit.fit(exec('p1'), exec('q1'))).toEqual([]);
    expect(fit.fit(exec('p1'), exec('q1'))).toEqual([]);
    expect(fit.fit(exec('p1'), exec('p1'))).toEqual([
      { path: 'params.processId', recorded: 'p1', given: 'p1', reason: 'p1 is q1 since an earlier line' },
    ]);
    expect(fit.fit(exec('p2'), exec('q1'))).toEqual([
      { path: 'params.processId', recorded: 'p2', given: 'q1', reason: 'q1 stood for p1 before' },
    ]);
  });

  test('a cancelled request is named by the id it has here, the last one', () => {
    const fit = new LineFit([]);
    const sample = (id: unknown) => ({ id, method: 'thread/sample', params: {} });
    const cancel = (requestId: unknown) => request('thread/sample/cancel', { requestId });
    expect(fit.fit(sample(3), sample('x'))).toEqual([]);
    expect(fit.fit(sample(3), sample('y'))).toEqual([]);
    expect(fit.fit(cancel(3), cancel('y'))).toEqual([]);
    expect(fit.fit(cancel(3), cancel('x'))).toEqual([{ path: 'params.requestId', recorded: 3, given: 'x' }]);
    expect(fit.fit(cancel(4), cancel(4))).toEqual([]);
  });

  test('paths below a root agree from then on', () => {
    const fit = new LineFit([]);
    expect(fit.fit(read('/home/alice/proj/a.ts'), read('/tmp/proj/a.ts'))).toEqual([]);
    expect(fit.fit(read('/home/alice/b.ts'), read('/tmp/b.ts'))).toEqual([]);
    expect(fit.fit(read('/home/alice/c.ts'), read('/var/c.ts'))).toEqual([
      {
        path: 'params.path',
        recorded: '/home/alice/c.ts',
        given: '/var/c.ts',
        reason: '/home/alice/c.ts is /tmp/c.ts since an earlier line',
      },
    ]);
    expect(fit.fit(read('/mnt/d.ts'), read('/tmp/d.ts'))).toEqual([
      {
        path: 'params.path',
        recorded: '/mnt/d.ts',
        given: '/tmp/d.ts',
        reason: '/tmp stood for /home/alice before',
      },
    ]);
  });

  test('a folder that is the same stays the same, for all that is in it', () => {
    const fit = new LineFit([]);
    expect(fit.fit(request('thread/start', { cwd: '/p' }), request('thread/start', { cwd: '/p' }))).toEqual(
      [],
    );
    expect(fit.fit(read('/p/src/a.ts'), read('/p/test/a.ts'))).toHaveLength(1);
  });

  test('a line that does not fit teaches nothing', () => {
    const fit = new LineFit([]);
    const both = (processId: string, cwd: string, tty: boolean) =>
      request('command/exec', { processId, cwd, tty });
    expect(fit.fit(both('p1', '/a', true), both('q1', '/b', false))).toHaveLength(1);
    expect(fit.fit(both('p1', '/a', true), both('q2', '/c', true))).toEqual([]);
    expect(fit.fit(both('p9', '/d', true), both('q1', '/b', true))).toEqual([]);
  });
});

describe('the lines of the server', () => {
  test('have the ids and the roots of the program, and nothing else is touched', () => {
    const fit = new LineFit([]);
    fit.fit(
      request('command/exec', { processId: 'text', cwd: '/home/alice' }),
      request('command/exec', { processId: 'q', cwd: '/tmp/x' }),
    );
    fit.fit(
      request('turn/start', { clientUserMessageId: 'm' }),
      request('turn/start', { clientUserMessageId: 'n' }),
    );
    expect(
      fit.translate({ method: 'command/exec/outputDelta', params: { processId: 'text', stream: 'text' } }),
    ).toEqual({ method: 'command/exec/outputDelta', params: { processId: 'q', stream: 'text' } });
    expect(
      fit.translate({
        method: 'item/completed',
        params: {
          item: { type: 'userMessage', clientId: 'm', processId: 'text', content: [{ text: '/home/alice' }] },
          files: {
            '/home/alice/a.ts': {
              path: '/home/alicent',
              cwd: '/home/alice/',
              url: 'file:///home/alice/b%20c',
            },
          },
        },
        emittedAtMs: 1,
      }),
    ).toEqual({
      method: 'item/completed',
      params: {
        item: { type: 'userMessage', clientId: 'n', processId: 'text', content: [{ text: '/home/alice' }] },
        files: { '/tmp/x/a.ts': { path: '/home/alicent', cwd: '/tmp/x/', url: 'file:///tmp/x/b%20c' } },
      },
      emittedAtMs: 1,
    });
    expect(fit.translate({ id: 7, result: { cwd: '/home/alice/proj' } })).toEqual({
      id: 7,
      result: { cwd: '/tmp/x/proj' },
    });
  });

  test('are the same object where there is nothing to change', () => {
    const fit = new LineFit([]);
    fit.fit(request('thread/start', { cwd: '/a' }), request('thread/start', { cwd: '/b' }));
    const line = { method: 'turn/started', params: { turn: { items: [1, { path: '/c' }] } } };
    expect(fit.translate(line)).toBe(line);
  });
});

describe('what is not compared on request', () => {
  test.each<[string, string[], string[]]>([
    ['a member', ['params.a.0.text'], ['params.a.1.text', 'params.b']],
    ['every entry', ['params.a.*.text'], ['params.b']],
    ['a whole member', ['params.a'], ['params.b']],
    ['several', ['params.*.1', 'params.a.0', 'params.b'], []],
    ['all of it', ['params'], []],
    ['what is not there', ['params.c', 'result'], ['params.a.0.text', 'params.a.1.text', 'params.b']],
  ])('%s', (_, ignore, places) => {
    const recorded = { a: [{ text: 'a' }, { text: 'b' }] };
    const given = { a: [{ text: 'c' }, { text: 'd' }], b: 1 };
    expect(placesOf(recorded, given, 'turn/start', ignore)).toEqual(places);
  });
});

describe('any line', () => {
  test('fits what stands for it on a tape, its secrets masked', () => {
    fc.assert(
      fc.property(ENTRIES, fc.boolean(), (entries, isAccount) => {
        for (const { text } of entries) {
          const given: TapeMessage = JSON.parse(text);
          expect(new LineFit([]).fit(maskMessage(given, isAccount), given)).toEqual([]);
        }
      }),
    );
  });

  test('fits itself', () => {
    fc.assert(
      fc.property(anyLine, (line) => {
        expect(new LineFit([]).fit(line(RECORDED), line(RECORDED))).toEqual([]);
      }),
    );
  });

  test('fits in another run, whose ids and folders the lines of the server have then', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { minLength: 1, maxLength: 5 }), anyRun, (lines, run) => {
        const fit = new LineFit([]);
        for (const line of lines) expect(fit.fit(line(RECORDED), line(run))).toEqual([]);
        for (const line of lines) {
          const { id, ...rest } = line(run);
          expect(fit.translate({ ...line(RECORDED), id })).toEqual({ id, ...rest });
        }
      }),
    );
  });

  test('does not fit when one value in it is another, and the difference names the place', () => {
    fc.assert(
      fc.property(anyLine, anyRun, fc.nat(), (line, run, pick) => {
        const given = line(run);
        const leaves = leavesOf(given);
        const leaf = leaves[pick % leaves.length];
        if (leaf === undefined) return;
        const changed = withLeaf(given, leaf, 'another value');
        const places = new LineFit([]).fit(line(RECORDED), changed).map(({ path }) => path);
        expect(places).toEqual([leaf.join('.')]);
      }),
    );
  });

  test('never fails and has a difference when it is deep', () => {
    const deep = (last: string) => JSON.parse(`${'{"a":['.repeat(20_000)}${last}${']}'.repeat(20_000)}`);
    expect(placesOf(deep('1'), deep('1'))).toEqual([]);
    expect(placesOf(deep('1'), deep('2'))).toHaveLength(1);
  });
});

/** The places of a line that can be changed: of ids, of the folder and of times the rules are their own. */
function leavesOf(value: unknown, place: readonly string[] = []): string[][] {
  const own = ['id', 'processId', 'cwd'];
  if (typeof value !== 'object' || value === null) return [[...place]];
  return Object.entries(value)
    .filter(([key]) => !own.includes(key))
    .flatMap(([key, member]) => leavesOf(member, [...place, key]));
}

function withLeaf<Value>(value: Value, place: readonly string[], leaf: unknown): Value {
  const copy: Value = structuredClone(value);
  let holder: object = Object(copy);
  for (const key of place.slice(0, -1)) holder = Object(Reflect.get(holder, key));
  Reflect.set(holder, place.at(-1) ?? '', leaf);
  return copy;
}
