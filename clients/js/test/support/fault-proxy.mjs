// A TCP proxy that treats each connection badly, by a seed: cuts it, delays, freezes, half-closes or corrupts it, at a random byte.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const faults = ['cut', 'reset', 'delay', 'freeze', 'half-close', 'corrupt'];

export class FaultProxy {
  /** How often each fault was done. */
  counts = Object.fromEntries(faults.map(fault => [fault, 0]));
  /** How many faults were done. */
  get faults() { return Object.values(this.counts).reduce((sum, count) => sum + count); }
  /** Whether connections are treated badly from now on. */
  isBad = true;
  #random;
  #target;
  #sockets = new Set();
  #timers = new Set();
  #server = createServer({ allowHalfOpen: true }, client => this.#pass(client));

  constructor(target, random) {
    this.#target = target;
    this.#random = random;
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    return this;
  }

  /** Nothing comes by the connections that there are any more, and nobody is told; new ones are good. */
  silence() {
    for (const socket of this.#sockets) socket.pause();
  }

  close() {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #pass(client) {
    const server = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true });
    // In the handshake too, but mostly later.
    const next = () => ({ fault: faults[Math.floor(this.#random() * faults.length)], isUpstream: this.#random() < 0.5,
      after: this.isBad ? Math.floor(this.#random() ** 2 * 30_000) : Infinity });
    let due = next();
    for (const [from, to, isUpstream] of [[client, server, true], [server, client, false]]) {
      this.#sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => { this.#sockets.delete(from); to.destroy(); });
      from.on('end', () => to.end());
      from.on('data', bytes => {
        if (due.isUpstream === isUpstream && (due.after -= bytes.length) < 0) {
          const { fault, after } = due;
          this.counts[fault]++;
          due = next();
          bytes = this.#do(fault, from, to, bytes, after + bytes.length);
        }
        if (bytes.length && !to.destroyed && !to.writableEnded) to.write(bytes);
      });
    }
  }

  /** Does the fault, and returns what of the bytes still passes. */
  #do(fault, from, to, bytes, at) {
    const later = (action, milliseconds) => {
      const timer = setTimeout(() => { this.#timers.delete(timer); action(); }, milliseconds);
      this.#timers.add(timer);
    };
    switch (fault) {
      case 'cut':
        to.end(bytes.subarray(0, at));
        from.destroy();
        return bytes.subarray(0, 0);
      case 'reset':
        if (!to.destroyed) to.write(bytes.subarray(0, at));
        from.resetAndDestroy();
        to.resetAndDestroy();
        return bytes.subarray(0, 0);
      case 'half-close':
        to.end(bytes.subarray(0, at));
        // The other direction stays for a while: what comes that way still counts.
        later(() => from.destroy(), 200 * this.#random());
        return bytes.subarray(0, 0);
      case 'delay':
        from.pause();
        later(() => from.resume(), 300 * this.#random());
        return bytes;
      case 'freeze':
        from.pause();
        to.pause();
        later(() => { from.destroy(); to.destroy(); }, 600 * this.#random());
        return bytes;
      default: {
        // The reserved bits of the frame that this begins with, or what an HTTP head begins with. (Changed text would be as good as any:
        // against that there is TLS.)
        const wrong = Buffer.from(bytes);
        wrong[0] = 0xff;
        later(() => { from.destroy(); to.destroy(); }, 100);
        return wrong;
      }
    }
  }
}
