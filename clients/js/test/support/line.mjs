import { WebSocket } from '../../dist/platform-node.js';

/** A client's way to the network, which a test cuts and mends. */
export class Line {
  isCut = false;
  /** Sees what a client sends; what it returns true for is lost. */
  onSend = () => false;
  #sockets = new Set();

  constructor() {
    const line = this, sockets = this.#sockets;
    this.WebSocket = class extends WebSocket {
      constructor(url, protocols) {
        // Nobody listens on port 1.
        super(line.isCut ? 'ws://127.0.0.1:1/' : url, protocols);
        sockets.add(this);
        this.addEventListener('close', () => sockets.delete(this));
      }

      send(data) {
        if (!line.onSend(data)) super.send(data);
      }
    };
  }

  /** Options that lay a client's connections through this. */
  get options() { return { WebSocket: this.WebSocket, reconnectInterval: 20, maxReconnectInterval: 50 }; }

  /** Cuts what there is, without a goodbye, and lets nothing through until `mend`. */
  cut() {
    this.isCut = true;
    for (const socket of this.#sockets) socket.close(4000);
  }

  mend() { this.isCut = false; }
}
