/**
 * Writes server-sent events to one HTTP response. Frames are gathered into chunks, and the socket's
 * backpressure is honoured: when codex reads slowly, a flood waits here and takes no memory. After the
 * peer is gone every wait ends at once; `signal` then says so, and nothing throws.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Small frames are joined up to this many characters, so that a flood of deltas costs few system calls. */
const CHUNK_CHARACTERS = 16_384;

export class EventStreamWriter {
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();
  #chunk = '';

  constructor(response: ServerResponse) {
    this.#response = response;
    response.once('close', () => this.#gone.abort());
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  }

  /** Fires when the connection is closed, by codex or by us. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Takes a frame. A promise is returned only when the caller must wait before the next one. */
  write(frame: string): Promise<void> | undefined {
    this.#chunk += frame;
    return this.#chunk.length < CHUNK_CHARACTERS ? undefined : this.flush();
  }

  /** Hands everything taken so far to the socket; settles when the socket wants more, or is gone. */
  async flush(): Promise<void> {
    const chunk = this.#chunk;
    this.#chunk = '';
    if (chunk === '' || this.signal.aborted) return;
    if (this.#response.write(chunk)) return;
    await once(this.#response, 'drain', { signal: this.signal }).catch(() => undefined);
  }

  /** Sends the rest and ends the response. */
  async end(): Promise<void> {
    await this.flush();
    if (!this.signal.aborted) this.#response.end();
  }

  /** Sends the rest, then breaks the connection off without an end of the response. `false`: the peer was faster. */
  async cut(): Promise<boolean> {
    const chunk = this.#chunk;
    this.#chunk = '';
    if (this.signal.aborted) return false;
    // Only what the socket has written is sure to arrive: destroying it throws the rest away.
    await new Promise<void>((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
      this.#response.write(chunk === '' ? ':\n\n' : chunk, () => resolve());
    });
    const isOurs = !this.signal.aborted;
    this.#response.destroy();
    return isOurs;
  }
}
