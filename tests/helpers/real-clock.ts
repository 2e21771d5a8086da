/**
 * Loaded before each test file. Files share a process, so a file begins with the real timers, whatever clock the one
 * before it had when its last test ended.
 */

/** The timers of the process, kept by the first file that it runs. */
const REAL = Symbol.for('codex-async-client.real-timers');

const kept: unknown = Reflect.get(globalThis, REAL);
const timers = kept ?? { setTimeout, clearTimeout };
Reflect.set(globalThis, REAL, timers);
Object.assign(globalThis, timers);
