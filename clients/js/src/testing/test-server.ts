import type { WebSocketClass } from '../socket/options.js';
import { TestSocket } from './test-socket.js';
import { VirtualClock, settle } from './virtual-clock.js';

/** A server without a network, for any WebSocket client that takes a `WebSocket` and a `clock`. */
export class TestServer {
  readonly clock = new VirtualClock();
  /** Every connection and attempt there has been. */
  readonly sockets: TestSocket[] = [];
  /** Whether connections are taken; else every attempt fails. */
  isUp = true;
  /** Whether attempts are left without an answer. */
  isSilent = false;
  /** Called for what clients send, by default nothing happens. */
  onMessage: (socket: TestSocket, data: any) => void = () => {};
  /** Called for each attempt that is taken, before the client knows. */
  onOpen: (socket: TestSocket) => void = () => {};
  #frozen = new Set<TestSocket>();

  /** The class for a client's option `WebSocket`. */
  readonly WebSocket: WebSocketClass;

  constructor() {
    const server = this;
    this.WebSocket = class extends TestSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(server, url, protocols);
        server.sockets.push(this);
      }
    } as unknown as WebSocketClass;
  }

  /** Options that bind a client to this server and its clock. */
  get options() { return { WebSocket: this.WebSocket, clock: this.clock }; }

  /** The newest connection or attempt. */
  get socket(): TestSocket { return this.sockets.at(-1)!; }

  /** The connections that are open. */
  get connections(): TestSocket[] { return this.sockets.filter(socket => socket.readyState === 1); }

  /** Cuts all connections: no Close frame. */
  async cut(): Promise<void> {
    for (const socket of this.connections) {
      this.ended(socket);
      socket.end();
    }
    await settle();
  }

  /** Closes all connections with a code. */
  async close(code: number, reason = ''): Promise<void> {
    for (const socket of this.connections) {
      this.ended(socket, code);
      socket.end(code, reason);
    }
    await settle();
  }

  /** From now on nothing comes back on the present connections, and nobody is told. */
  freeze(): void {
    for (const socket of this.connections) this.#frozen.add(socket);
  }

  /** Whether a connection is frozen. */
  isFrozen(socket: TestSocket): boolean { return this.#frozen.has(socket); }

  /** Says something to one connection. */
  say(socket: TestSocket, data: any): void {
    if (this.#frozen.has(socket)) return;
    queueMicrotask(() => socket.deliver(data));
  }

  accept(socket: TestSocket): void {
    if (this.isSilent) return;
    if (!this.isUp) return socket.end();
    socket.open(socket.protocols[0] ?? '');
    this.onOpen(socket);
  }

  receive(socket: TestSocket, data: any): void {
    if (!this.#frozen.has(socket) && socket.readyState < 3) this.onMessage(socket, data);
  }

  /** The client has closed. */
  closed(socket: TestSocket, code: number): void {
    this.ended(socket, code);
  }

  /** A connection has ended, by whichever side. */
  protected ended(_socket: TestSocket, _code = 1006): void {}
}
