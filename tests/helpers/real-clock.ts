/**
 * Loaded before each test file. Files share a process, so a test puts the clock back that it took: one that leaves
 * another behind fails here. A spy on a fake timer does so even later: it puts the fake one back when its file is over.
 * What is to end with its file does.
 */
import { afterAll, afterEach, expect } from 'vitest';
import { endAll } from './end-with-file.js';

/** The clock of the process, kept by the first file that it runs. */
const REAL = Symbol.for('codex-async-client.real-clock');

const clock = () => ({ setTimeout, clearTimeout, setImmediate, now: performance.now });
const real: unknown = Reflect.get(globalThis, REAL) ?? clock();
Reflect.set(globalThis, REAL, real);

expect(clock(), 'the clock that the file before this one left').toEqual(real);

afterEach(() => {
  expect(clock(), 'the clock after the test').toEqual(real);
});

afterAll(endAll);
