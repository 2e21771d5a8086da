/** Many times as many interleavings as `tests/session` and `tests/runs/follow` look at, with seeds of their own. */
process.env['INTERLEAVING_RUNS'] = '18000';
await import('../session/streams/interleavings.test.js');
await import('../runs/follow/entry-log.test.js');
await import('../runs/follow/server-sent-events.test.js');
