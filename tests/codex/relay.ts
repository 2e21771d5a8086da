/** A way to a server that can be cut while the server lives on: what goes in at one end comes out at the other. */
import { once } from 'node:events';
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectTarget } from 'codex-async-client';
import { type ListeningCodex, TOKEN } from './listening-codex.js';

let relays = 0;

/** Passes on what is written until it is cut, and again after that. */
export class Relay implements AsyncDisposable {
  /** What a client connects to. */
  readonly target: ConnectTarget;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(target: ConnectTarget, server: Server, sockets: Set<Socket>) {
    this.target = target;
    this.#server = server;
    this.#sockets = sockets;
  }

  /** A way to wherever the codex listens when somebody connects. */
  static async to(codex: ListeningCodex): Promise<Relay> {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(placeOf(codex));
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => other.destroy()).on('close', () => other.destroy());
        socket.pipe(other);
      }
    });
    if (codex.address.startsWith('unix:')) {
      relays += 1;
      const socketPath = join(tmpdir(), `codex-async-client-relay-${process.pid}-${relays}.sock`);
      await once(server.listen(socketPath), 'listening');
      return new Relay({ socketPath }, server, sockets);
    }
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = Object(server.address());
    return new Relay({ url: `ws://127.0.0.1:${port}`, bearerToken: TOKEN }, server, sockets);
  }

  /** Ends every connection without a word, at both ends. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }
}

function placeOf({ address, socketPath }: ListeningCodex): NetConnectOpts {
  if (address.startsWith('unix:')) return { path: socketPath };
  return { host: '127.0.0.1', port: Number(new URL(address).port) };
}
