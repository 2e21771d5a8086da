/** Ninety times as many interleavings as `tests/session` looks at, with seeds of their own. */
process.env['INTERLEAVING_RUNS'] = '18000';
await import('../session/streams/interleavings.test.js');
