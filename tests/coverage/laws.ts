/** The laws that the product keeps, by number, each in a few words; the titles of tests cite the numbers. */
export const LAWS: Readonly<Record<string, string>> = {
  // Order.
  L1: 'every message reaches one stream, once, in wire order',
  L2: 'an answer settles its request before what followed it is handed out',
  // Flow.
  L3: 'without demand the client stops reading at the high-water mark',
  L4: 'while there is demand, reading goes on',
  L5: 'memory is bounded: the reader that lags is cut and told, and demand fails only where nobody can be cut',
  L6: 'a request inside a loop over events always settles, in bounded memory',
  L7: 'the server has a window of requests; the rest wait in line, and overload is retried',
  L8: 'writes keep their order and the pipe’s backpressure; one that fails ends the client, not the host',
  L21: 'what a message costs does not grow with the streams, runs and taps that it is not for',
  L22: 'what a lagging reader has not read is merged: the same text, in the same order',
  // Ends.
  L9: 'the end of the server: everything received is handed out, then one error',
  L10: 'after the end everything settles: calls, streams, runs',
  L11: 'leaving a stream or a run gives back what it took, and ends what it began',
  L12: 'a server request is answered at most once, and not after it was withdrawn',
  L13: 'no server process is left, however its client or its host ends',
  // Runs.
  L14: 'one turn at a time on a thread',
  L15: 'a run always ends, also when its end never comes',
  L16: 'what nobody answers during a run is refused',
  L17: 'standing answers are data',
  // Input.
  L18: 'noise is skipped and counted; a line that is no message closes the client',
  L19: 'lines are split in linear time, at any chunking',
  L20: 'bad options and params fail before anything is sent',
  // Tapes.
  L23: 'a recorded conversation replays as it was, and the first line that differs is told with both',
  // Outliving.
  L24: 'a supervised client sends no turn again that the server kept, spends nothing by itself, and says what a restart lost',
  L25: 'a follower takes nothing from anybody; its readers get a snapshot and every later message, or are told what is missing',
};
