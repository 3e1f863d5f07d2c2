import { Emitter } from '../hub/emitter.js';
import type { ReconnectingWebSocketOptions, UrlProvider } from './options.js';
import { ReconnectingWebSocket } from './reconnecting-websocket.js';

/**
 * A client that sends and gets JSON, with events by the `type` of a message, beside `connect`, `disconnect`, `reconnecting`,
 * `reconnect_failed` and `error`.
 */
export class WebSocketClient {
  readonly socket: ReconnectingWebSocket;
  #events = new Emitter();

  constructor(url: UrlProvider, options: ReconnectingWebSocketOptions = {}) {
    const socket = (this.socket = new ReconnectingWebSocket(url, undefined, options));
    let isByHand = false;
    this.close = () => {
      isByHand = true;
      socket.close(1000, 'Client closed');
    };
    socket.addEventListener('open', () => this.emit('connect'));
    socket.addEventListener('error', event => this.emit('error', event));
    socket.addEventListener('close', event => {
      this.emit('disconnect', event);
      if (socket.state === 'closed' && !isByHand) this.emit('reconnect_failed');
    });
    socket.addEventListener('statechange', ({ state, attempt }) => {
      if (state === 'connecting' && attempt) this.emit('reconnecting', attempt);
    });
    socket.addEventListener('message', ({ data }) => {
      let message;
      try {
        message = JSON.parse(data);
      } catch {
        return this.emit('message', data);
      }
      this.emit(message?.type || 'message', message);
    });
  }

  /** Closes for good. */
  close: () => void;

  /** Sends text as it is and all else as JSON, now or when the connection is there. */
  send(data: unknown): void {
    this.socket.send(typeof data === 'string' ? data : JSON.stringify(data));
  }

  /** Listens; the returned function stops that. */
  on(event: string, handler: (data?: any) => unknown): () => void {
    return this.#events.on(event, handler);
  }

  emit(event: string, data?: unknown): void {
    this.#events.emit(event, data);
  }
}
