/** The pipes of a server that is played: chunks when they are wanted, and an end or an error after the last. */
import { describe, expect, it } from 'vitest';
import { ReplayInput, ReplayOutput } from '../../../src/testing/replay/replay-pipes.js';
import { quiet } from './made-tapes.js';

/** Chunks that are there from the start; says how many were asked for. */
function source(count: number, size = 1) {
  const state = { given: 0 };
  const nextChunk = () => {
    if (state.given === count) return undefined;
    state.given += 1;
    return Buffer.alloc(size, 'x');
  };
  return { state, nextChunk };
}

function read(output: ReplayOutput) {
  const seen = { bytes: 0, ends: 0, error: undefined as Error | undefined };
  output.on('data', (chunk: Buffer) => {
    seen.bytes += chunk.length;
  });
  output.on('end', () => {
    seen.ends += 1;
  });
  output.on('error', (error) => {
    seen.error = error;
  });
  return seen;
}

describe('an output', () => {
  it('asks for nothing before it is read, and for no more than a pipe holds', async () => {
    const chunks = source(100, 8 * 1024);
    const output = new ReplayOutput(chunks);
    output.wake();
    await quiet();
    expect(chunks.state.given).toBe(0);
    output.once('readable', () => {});
    await quiet();
    expect(chunks.state.given).toBeLessThan(20);
  });

  it.each([
    ['ends', undefined],
    ['breaks', new Error('broken')],
  ])('%s after its last chunk, when that was read', async (_, error) => {
    const output = new ReplayOutput(source(50, 1024));
    output.once('readable', () => {});
    await quiet();
    output.endAfterLast(error);
    await quiet();
    const seen = read(output);
    await quiet();
    expect(seen).toEqual({ bytes: 50 * 1024, ends: error === undefined ? 1 : 0, error });
  });

  it('goes on when there is more, and is not confused by a reader that reads while it is given', async () => {
    const chunks = source(0);
    const output = new ReplayOutput(chunks);
    const seen = read(output);
    output.on('data', () => output.read());
    await quiet();
    const more = source(5);
    Object.assign(chunks, more);
    output.wake();
    await quiet();
    output.endAfterLast();
    await quiet();
    expect([more.state.given, seen.ends]).toEqual([5, 1]);
  });
});

describe('an input', () => {
  const inputOf = () => {
    const heard: string[] = [];
    const reader = {
      reads: true,
      readLine: (text: string) => {
        heard.push(text);
        reader.reads = text !== '{"stop":1}';
      },
      inputEnded: () => {
        heard.push('end');
        reader.reads = false;
      },
    };
    return { heard, input: new ReplayInput(reader) };
  };

  it('gives lines, whole, then its end, once, and skips what is no line of JSON', async () => {
    const { heard, input } = inputOf();
    input.write('{"a":');
    input.write('1}\nnoise\n\n{"b":2}\n');
    input.end();
    await quiet();
    expect(heard).toEqual(['{"a":1}', '{"b":2}', 'end']);
  });

  it('gives nothing after the last line that is read', async () => {
    const { heard, input } = inputOf();
    input.end('{"stop":1}\n{"b":2}\n');
    await quiet();
    expect(heard).toEqual(['{"stop":1}']);
  });

  it('is ended by being destroyed', async () => {
    const { heard, input } = inputOf();
    input.destroy();
    await quiet();
    expect(heard).toEqual(['end']);
  });
});
