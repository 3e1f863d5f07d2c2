import { defineHandlers } from '../socket/handlers.js';
import type { TestServer } from './test-server.js';

/** The client's end of a connection to a `TestServer`: a WebSocket without a network. */
export class TestSocket extends EventTarget {
  static { defineHandlers(this.prototype, ['open', 'message', 'close', 'error']); }
  readyState = 0;
  protocol = '';
  readonly extensions = '';
  readonly bufferedAmount = 0;
  binaryType: BinaryType = 'blob';
  readonly url: string;
  readonly protocols: string[];
  /** Everything that the client has sent. */
  readonly sent: any[] = [];
  /** The code that the client closed with. */
  closedWith: number | undefined;
  #server: TestServer;
  #toServer: (() => void)[] | undefined;

  constructor(server: TestServer, url: string, protocols: string | string[] = []) {
    super();
    this.#server = server;
    this.url = url;
    this.protocols = [protocols].flat();
    // As browsers say it: with the address.
    const wrong = /^wss?:/.test(url) ? this.protocols.find(name => !/^[!#$%&'*+.^`|~\w-]+$/.test(name)) : url;
    if (wrong !== undefined) throw new DOMException(`'${wrong}' is not valid`, 'SyntaxError');
    this.#soon(() => this.readyState === 0 && server.accept(this));
  }

  send(data: any): void {
    if (this.readyState === 0) throw new DOMException('Still connecting.', 'InvalidStateError');
    if (this.readyState > 1) return;
    this.sent.push(data);
    this.#soon(() => {
      if (this.#toServer) this.#toServer.push(() => this.#server.receive(this, data));
      else this.#server.receive(this, data);
    });
  }

  close(code?: number, reason = ''): void {
    if (this.readyState > 1) return;
    this.closedWith = code ?? 1005;
    this.readyState = 2;
    this.#soon(() => {
      this.#server.closed(this, code ?? 1005);
      if (!this.#server.isFrozen(this)) this.end(code ?? 1005, reason, true);
    });
  }

  /** The server takes the connection. */
  open(protocol = ''): void {
    if (this.readyState !== 0) return;
    this.protocol = protocol;
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  /** The server says something. */
  deliver(data: any): void {
    if (this.readyState === 1 || this.readyState === 2) this.dispatchEvent(new MessageEvent('message', { data }));
  }

  /** The connection ends. 1006 is a cut: the other end sent no Close frame. */
  end(code = 1006, reason = '', wasClean = code !== 1006): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    if (!wasClean) this.dispatchEvent(new Event('error'));
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason, wasClean }));
  }

  /** From now on the client's messages wait until the returned function is called: the way to the server is slow. */
  holdUpstream(): () => void {
    this.#toServer = [];
    return () => {
      const held = this.#toServer ?? [];
      this.#toServer = undefined;
      for (const send of held) send();
    };
  }

  #soon(action: () => void): void {
    queueMicrotask(action);
  }
}
