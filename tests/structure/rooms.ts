/**
 * The rooms of `src` and the arrows between them, as data; CONTRIBUTING has the picture. A folder is a room, and so is
 * each folder in it: the files that lie directly in `session` are the room `session`, which stands on its sub-rooms.
 * To let a room use another, add its name here; an arrow that nothing uses any more has to go.
 */

/** What a room may import besides itself. */
export interface Arrows {
  /** Rooms whose code it runs, and whose types it may name. */
  readonly code: readonly string[];
  /** Rooms of which it names types alone. */
  readonly types: readonly string[];
}

/** Each room with its arrows; of code, a room only uses rooms that stand above it in this list. */
export const ROOMS: Readonly<Record<string, Arrows>> = {
  // The error of a turn that was cut short has what the turn had come to.
  support: { code: [], types: ['protocol', 'runs/turn'] },
  protocol: { code: [], types: ['session/requests'] },
  'protocol/checks': { code: ['support', 'protocol'], types: [] },
  generator: { code: ['protocol'], types: [] },
  wire: { code: ['support'], types: [] },
  // Schemas of outputs and of tools: the form that goes to the server, and the way from an answer back to the output.
  schemas: { code: ['support'], types: [] },

  'app-server/locate': { code: ['support'], types: [] },
  'app-server/stderr': { code: ['support'], types: [] },
  'app-server/lifetime': { code: ['support', 'app-server/stderr'], types: [] },
  'app-server/launch': { code: ['support', 'app-server/locate', 'app-server/lifetime'], types: [] },
  // A server that runs already: a connection in the place of a process.
  'app-server/connection': {
    code: ['support', 'app-server/stderr', 'app-server/lifetime', 'app-server/launch'],
    types: [],
  },

  'session/messages': { code: [], types: ['protocol', 'wire'] },
  'session/requests': { code: ['support', 'wire'], types: ['protocol'] },
  'session/streams': { code: ['support', 'protocol', 'protocol/checks', 'session/messages'], types: [] },
  'session/taps': {
    code: ['support', 'wire', 'session/messages', 'session/streams'],
    types: [],
  },
  'session/answers': {
    code: ['support', 'protocol', 'protocol/checks', 'wire', 'session/messages'],
    types: ['session/streams'],
  },
  session: {
    code: [
      'support',
      'protocol',
      'protocol/checks',
      'wire',
      'session/messages',
      'session/requests',
      'session/streams',
      'session/taps',
      'session/answers',
    ],
    types: ['app-server/lifetime'],
  },

  // Tools of the client that the model calls: what they are, and their calls.
  tools: {
    code: ['support', 'schemas', 'session/messages', 'session/answers', 'session/streams'],
    types: ['protocol', 'wire', 'session'],
  },

  // Loaded by pages: it runs no code of another room.
  view: { code: [], types: ['protocol'] },

  runs: {
    code: ['support', 'session/messages', 'session/requests', 'session/streams'],
    types: ['protocol', 'session'],
  },
  'runs/turn': {
    code: ['support', 'protocol/checks', 'schemas', 'session/streams', 'session/answers', 'view', 'runs'],
    types: ['protocol', 'session', 'session/messages', 'session/requests'],
  },
  // A thread for many readers.
  'runs/follow': {
    code: ['support', 'protocol', 'session/streams', 'view', 'runs'],
    types: ['session', 'session/messages', 'session/taps'],
  },
  // Turns that the server starts by itself, one after another.
  'runs/goal': {
    code: ['support', 'runs', 'runs/turn'],
    types: ['protocol', 'protocol/checks', 'session', 'session/messages', 'session/requests'],
  },
  'runs/thread': {
    code: ['support', 'session/answers', 'tools', 'runs/turn', 'runs/goal', 'runs/follow'],
    types: ['protocol', 'schemas', 'session', 'session/requests', 'session/streams'],
  },
  'runs/command': {
    code: ['support', 'runs', 'session/requests', 'session/streams'],
    types: ['protocol', 'session', 'session/messages'],
  },

  // Work that outlives a server: one client after another.
  supervisor: {
    code: [
      'support',
      'app-server/connection',
      'session/answers',
      'tools',
      'runs',
      'runs/turn',
      'runs/follow',
      'runs/goal',
      'runs/thread',
      'view',
    ],
    types: [
      'protocol',
      'schemas',
      'wire',
      'session',
      'session/messages',
      'session/requests',
      'session/taps',
      'client',
    ],
  },
  client: {
    code: [
      'support',
      'protocol',
      'protocol/checks',
      'app-server/launch',
      'app-server/lifetime',
      'app-server/connection',
      'session',
      'session/requests',
      'session/answers',
      'tools',
      'runs',
      'runs/turn',
      'runs/goal',
      'runs/thread',
      'runs/command',
      'supervisor',
    ],
    types: ['wire', 'schemas', 'app-server/stderr', 'session/messages', 'session/streams', 'session/taps'],
  },
  // The scripted model of a real codex.
  'testing/model': { code: ['support'], types: ['app-server/launch'] },
  'testing/fakes': {
    code: ['support', 'runs', 'runs/turn'],
    types: ['protocol', 'session/messages', 'runs/thread'],
  },
  // Recorded conversations: the format, and who writes and reads it.
  'testing/tapes': { code: ['support', 'protocol'], types: ['session/taps', 'client'] },
  // Compares versions of the protocol, and holds tapes against one.
  'generator/diff': { code: ['generator', 'testing/tapes'], types: [] },
  // Whether a line of a program stands for a recorded one, and what is told when it does not.
  'testing/fit': { code: ['support', 'testing/tapes'], types: [] },
  // A server that plays a tape, whole or broken.
  'testing/replay': {
    code: ['support', 'wire', 'testing/tapes', 'testing/fit'],
    types: ['app-server/lifetime'],
  },
  // Spans of what is said; it loads `@opentelemetry/api`, so no other room uses it.
  otel: {
    code: ['support', 'session/messages'],
    types: ['protocol', 'session/requests', 'session/taps', 'runs/turn'],
  },
  testing: {
    code: ['testing/model', 'testing/fakes', 'testing/tapes', 'testing/fit', 'testing/replay'],
    types: [],
  },
  // The program `codex-async-client`: no entry point loads it.
  doctor: {
    code: [
      'support',
      'protocol',
      'app-server/locate',
      'app-server/stderr',
      'app-server/launch',
      'client',
      'testing/model',
    ],
    types: [],
  },
  index: {
    code: [
      'support',
      'protocol',
      'app-server/connection',
      'tools',
      'runs',
      'runs/turn',
      'runs/follow',
      'client',
    ],
    types: [
      'wire',
      'schemas',
      'app-server/launch',
      'app-server/lifetime',
      'session',
      'session/messages',
      'session/requests',
      'session/streams',
      'session/taps',
      'session/answers',
      'runs/goal',
      'runs/thread',
      'runs/command',
      'supervisor',
    ],
  },
};

/** Arrows of types that go up; without them the rooms have no cycle. */
export const UPWARD_TYPES: readonly string[] = [
  // The typed methods name the options of a request.
  'protocol -> session/requests',
  // An error names the result that it holds.
  'support -> runs/turn',
  // A supervisor hands out the client that lives; how one is started it is told.
  'supervisor -> client',
];

/** Arrows of code that go up: a file lies too high. */
export const UPWARD_CODE: readonly string[] = [];

/** The files that open the door to a dependency; all others use what those make of it. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  '@opentelemetry/api': [
    'otel/conversation-spans.ts',
    'otel/guarded-spans.ts',
    'otel/message-clock.ts',
    'otel/model-calls.ts',
    'otel/open-waits.ts',
    'otel/span-parts.ts',
    'otel/token-usage.ts',
    'otel/tool-calls.ts',
    'otel/tool-facts.ts',
    'otel/trace-context.ts',
    'otel/trace-options.ts',
    'otel/turn-span.ts',
  ],
  execa: ['app-server/launch/spawn-server.ts'],
  'it-pushable': ['session/streams/unread-messages.ts'],
  'p-queue': ['runs/turn/turn-queues.ts', 'supervisor/thread-readiness.ts'],
  ws: ['app-server/connection/web-socket.ts'],
};
