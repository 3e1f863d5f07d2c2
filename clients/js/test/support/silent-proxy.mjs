// A TCP proxy whose connections fall silent without an end, as when a network is left.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class SilentProxy {
  #sockets = new Set();
  #server;

  constructor(port) {
    this.#server = createServer(client => {
      const server = connect(port, '127.0.0.1');
      for (const [from, to] of [[client, server], [server, client]]) {
        this.#sockets.add(from);
        from.on('error', () => to.destroy()).on('close', () => this.#sockets.delete(from));
        from.pipe(to);
      }
    });
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    return this;
  }

  /** Nothing comes by the connections that there are any more; new ones are good. */
  silence() {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
