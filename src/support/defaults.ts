/**
 * Every default and limit of this package, each a named constant with the reason for its value.
 * Units are in the names. Options that change one name it in their `@defaultValue`.
 */

/**
 * How long `shutdown()` waits on each rung (stdin ended, SIGTERM, SIGKILL) before it takes the next one.
 * A healthy codex exits about 40 ms after its stdin ended; 2 s leaves room for a busy machine, and keeps
 * the whole ladder below the 10 s that process supervisors usually grant.
 */
export const DEFAULT_SHUTDOWN_GRACE_MS = 2_000;

/**
 * The shortest wait after SIGKILL, whatever the grace: nothing can refuse it, but a busy system takes its time to
 * report the exit, and an exit that is not waited for is one whose code and signal are lost.
 */
export const MIN_WAIT_AFTER_KILL_MS = 1_000;

/** The most of stderr that error messages carry. The last words of a crash fit; a log file does not. */
export const STDERR_TAIL_MAX_BYTES = 16 * 1024;

/** A longer stderr line is cut here, so that output without line ends stays bounded. No more than the tail holds. */
export const STDERR_LINE_MAX_BYTES = 16 * 1024;

/** Stderr lines that wait for their reader; older ones are dropped. A start of codex writes fewer than 20. */
export const STDERR_QUEUE_MAX_LINES = 1_000;

/** Bytes of stderr lines that wait for their reader; 50 idle clients hold at most 12.5 MiB of log. */
export const STDERR_QUEUE_MAX_BYTES = 256 * 1024;

/**
 * Bytes of stderr that can still be the server's after its exit: more than any pipe holds (1 MiB on Linux at most).
 * What comes after them is a grandchild's, which may go on for ever.
 */
export const STDERR_AFTER_EXIT_MAX_BYTES = 1024 * 1024;

/**
 * How deep a `config` object may nest. Codex's TOML parser gives up below 80 levels and then silently takes
 * the text for a string; this stays clear of that, and ends on an object that contains itself.
 */
export const CONFIG_MAX_DEPTH = 64;

/**
 * How long a request may take. Codex answers most within a second; resuming a long thread or installing a plugin
 * takes a while. Methods that answer only when outside work ends have no limit unless one is given.
 */
export const DEFAULT_REQUEST_TIMEOUT_MS = 60_000;

/**
 * Requests that may be unanswered at once. The server queues 128 and answers `-32001` past that, or nothing at all;
 * half of it leaves room for another client of the same server and costs no speed.
 */
export const DEFAULT_MAX_IN_FLIGHT_REQUESTS = 64;

/** Messages held unread without demand: some seconds of a turn's deltas, about 1 MB. */
export const DEFAULT_HIGH_WATER_MARK = 1_024;

/** Message text held unread with demand, in bytes: an answer behind 100,000 deltas is still reached. */
export const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Message text held unread for one stream or run, in bytes: a quarter of what all may hold, so that one reader that is stuck
 * leaves room for the others; some 80,000 deltas, which is more than any turn that was seen.
 */
export const DEFAULT_MAX_HELD_BYTES = 16 * 1024 * 1024;

/**
 * Text that waits to be sent, in bytes, as much as may be held unread: a server that does not read costs no more than one
 * that is not read.
 */
export const DEFAULT_MAX_OUTGOING_BYTES = 64 * 1024 * 1024;

/**
 * What a tap holds for a reader that lags, in bytes: some ten thousands of deltas, so that a disk that is slow for seconds
 * misses nothing, and a quarter of what all streams together may hold.
 */
export const DEFAULT_TAP_MAX_HELD_BYTES = 16 * 1024 * 1024;

/**
 * What a followed thread keeps of its messages, in bytes: some ten thousands of deltas, so that a page that reconnects within
 * a minute goes on where it was, and little enough for hundreds of threads.
 */
export const DEFAULT_KEEP_BYTES = 8 * 1024 * 1024;

/** Silence after which server-sent events have a comment; proxies take a connection for dead after 30 to 60 seconds. */
export const DEFAULT_KEEP_ALIVE_MS = 15_000;

/** The longest line: `fs/readFile` of a 190 MB file fits, and it stays below the longest string of Node.js. */
export const DEFAULT_MAX_LINE_BYTES = 256 * 1024 * 1024;

/** The longest time limit a timer can hold. */
export const MAX_TIMEOUT_MS = 2_147_483_647;

/** Silence of a turn after which the server is asked whether it goes on. A model that thinks is silent for less. */
export const DEFAULT_IDLE_TIMEOUT_MS = 30_000;

/**
 * How long a turn's end may lag behind its thread's `idle` status before the server is asked. On a healthy server the
 * two are a millisecond apart.
 */
export const IDLE_STATUS_GRACE_MS = 1_000;

/**
 * How long it may take until a connection stands. One on this machine stands within milliseconds; an ssh proxy that logs in
 * on a slow line, and starts a program there, takes seconds.
 */
export const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;

/**
 * The silence of a connection after which a ping asks whether the other end is there. The proxy of codex does not tell that
 * its server has gone before something is written, so this is how long that stays unnoticed; a ping is a few bytes.
 */
export const DEFAULT_PING_INTERVAL_MS = 10_000;

/**
 * How long the answer to a ping may take. A server answers in milliseconds; one whose machine swaps, or whose network is
 * changing, in some seconds.
 */
export const DEFAULT_PONG_TIMEOUT_MS = 30_000;

/**
 * How often a supervisor starts its server anew before it gives up, and within what time: a server that is killed now and
 * then lives on for ever, and one that cannot live is told of within seconds.
 */
export const DEFAULT_MAX_RESTARTS = 5;
/** See {@link DEFAULT_MAX_RESTARTS}. */
export const DEFAULT_RESTARTS_WITHIN_MS = 60_000;

/** The delay of the second restart within the window, which doubles with each that follows. */
export const FIRST_RESTART_BACKOFF_MS = 250;

/** The longest delay between two starts: a server that comes back is noticed soon, and one that does not costs little. */
export const MAX_RESTART_DELAY_MS = 10_000;

/** Silence of a server after which a supervisor asks it for a sign of life; the question is one small request. */
export const DEFAULT_HEALTH_CHECK_INTERVAL_MS = 10_000;

/** How long that sign may take: a server that swaps, or reads a long thread, is silent for some seconds. */
export const DEFAULT_HEALTH_CHECK_TIMEOUT_MS = 30_000;

/**
 * For how long a server that lives on is asked whether it has a turn that was sent before the connection was cut. Right after
 * `turn/start` it does not tell of the message yet; half a second later it did each time.
 */
export const UNDER_WAY_MS = 2_000;

/** The first pause between two such questions; each is twice as long as the one before. */
export const FIRST_LOOK_PAUSE_MS = 250;

/** The longest pause: reading the turns of a long thread is megabytes. */
export const LONGEST_LOOK_PAUSE_MS = 2_000;

/**
 * For how long a turn of a goal may yet begin after the goal was paused or cleared between two turns. A server that was about to
 * start it does so some 20 ms after its answer, while it calls the thread idle.
 */
export const GOAL_GAP_MS = 250;

/**
 * How long a shutdown waits for the answer to the pause of a goal that was just given up. A server whose input ends drops what it has
 * not done yet, and the goal would go on with the next server that has the thread.
 */
export const LAST_WORDS_MS = 1_000;

/** The server refuses a longer objective of a goal, in Unicode characters. */
export const OBJECTIVE_MAX_LENGTH = 4_000;
