// A proxy for HTTP alone, as some networks have: no upgrade gets through.
import { createServer, request } from 'node:http';

export class HttpProxy {
  /** Whether it lets upgrades through after all. */
  upgrades = false;
  /** Whether upgrades are left without an answer. */
  hangs = false;
  /** Whether it keeps answers back until they are complete, which events never are. */
  buffers = false;
  /** Whether nothing gets through. */
  isDown = false;
  /** What has come, by path. */
  seen = [];
  #sockets = new Set();
  #answers = new Set();

  constructor(hubPort) {
    this.server = createServer((incoming, outgoing) => {
      this.seen.push(`${incoming.method} ${incoming.url.replace(/\?.*/, '')}`);
      if (this.isDown) return incoming.socket.destroy();
      const { method, url: path, headers } = incoming;
      const passed = request({ port: hubPort, host: '127.0.0.1', method, path, headers }, answer => {
        this.#answers.add(answer);
        outgoing.on('close', () => { this.#answers.delete(answer); answer.destroy(); });
        answer.on('error', () => outgoing.destroy());
        outgoing.writeHead(answer.statusCode, answer.headers);
        if (!this.buffers) return void answer.pipe(outgoing);
        const parts = [];
        answer.on('data', part => parts.push(part)).on('end', () => outgoing.end(Buffer.concat(parts)));
      });
      passed.on('error', () => outgoing.destroy());
      outgoing.on('close', () => passed.destroy());
      incoming.pipe(passed);
    });
    this.server.on('connection', socket => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.server.on('upgrade', (incoming, socket, head) => {
      this.seen.push('upgrade');
      socket.on('error', () => {});
      if (this.isDown) return socket.destroy();
      if (this.hangs) return;
      if (!this.upgrades) return socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      const passed = request({ port: hubPort, host: '127.0.0.1', path: incoming.url, headers: incoming.headers });
      passed.on('upgrade', (answer, other, first) => {
        const lines = answer.rawHeaders.reduce((text, part, at) => text + part + (at % 2 ? '\r\n' : ': '), '');
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines}\r\n`);
        socket.write(first);
        other.pipe(socket).pipe(other);
        for (const [one, another] of [[socket, other], [other, socket]]) one.on('error', () => another.destroy()).on('close', () => another.destroy());
      });
      passed.on('error', () => socket.destroy());
      passed.end(head);
    });
  }

  async listen() {
    await new Promise(resolve => this.server.listen(0, '127.0.0.1', resolve));
    this.port = this.server.address().port;
    this.http = `http://127.0.0.1:${this.port}`;
    this.url = `ws://127.0.0.1:${this.port}/hub`;
    return this;
  }

  /** How many requests of a kind there were. */
  count(what) { return this.seen.filter(entry => entry === what).length; }

  /** Breaks all connections. */
  cut() { for (const socket of this.#sockets) socket.destroy(); }

  /** Nothing more comes of the answers that are under way, and nobody is told. */
  freeze() { for (const answer of this.#answers) answer.unpipe().pause(); }

  close() {
    this.server.close();
    this.cut();
  }
}
