/// <reference lib="esnext.disposable" preserve="true" />
import { Connection, normalise, type StateChange } from './connection.js';
import type { Ending } from './endings.js';
import { handlerOf, setHandler } from './handlers.js';
import type { ProtocolsProvider, ReconnectingWebSocketOptions, UrlProvider } from './options.js';
import { WaitingMessages, sizeOf, type Data } from './waiting.js';

/** The events of a `ReconnectingWebSocket` by their names. */
export interface ReconnectingWebSocketEvents {
  open: Event;
  message: MessageEvent;
  close: CloseEvent;
  error: Event & { readonly message: string };
  statechange: Event & StateChange;
  reconnecting: Event & StateChange;
  dropped: Event & { readonly data: Data; readonly reason: 'full' | 'other-destination' };
}

/** Subprotocols are tokens (RFC 9110 §5.6.2), each offered once. */
function check(protocols: string | string[] = []): void {
  const offered = [protocols].flat();
  if (offered.some((name, at) => !/^[!#$%&'*+.^`|~\w-]+$/.test(name) || offered.indexOf(name) < at)) {
    throw new DOMException('A subprotocol is no token, or offered twice', 'SyntaxError');
  }
}

type Handler<E> = ((this: any, event: E) => any) | null;

/**
 * A WebSocket that comes back: the browser's interface, for any server. Wherever it reconnects it is `CONNECTING`; `close` events tell of
 * each loss, and `statechange` of what becomes of it.
 */
export class ReconnectingWebSocket extends Connection {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  protected override _binaryType: BinaryType | undefined = undefined;
  #waiting: WaitingMessages;
  #destination = '';
  #origin = '';
  #discarded = 0;

  /**
   * Connects after the running task.
   * @param url The address, or a function that is asked before each attempt.
   * @param protocols Subprotocols to offer, or a function that is asked before each attempt; may be left out before `options`.
   */
  constructor(url: UrlProvider, protocols?: ProtocolsProvider | ReconnectingWebSocketOptions, options: ReconnectingWebSocketOptions = {}) {
    if (protocols && typeof protocols === 'object' && !Array.isArray(protocols)) [protocols, options] = [undefined, protocols];
    if (typeof protocols !== 'function') check(protocols as string[]);
    if (typeof url !== 'function' && !/^ws/.test(normalise(url))) {
      throw new DOMException('The address is neither ws: nor wss:', 'SyntaxError');
    }
    super(url, protocols as ProtocolsProvider | undefined, options);
    this.#waiting = new WaitingMessages(options);
  }

  get onopen(): Handler<Event> { return handlerOf(this, 'open'); }
  set onopen(handler: Handler<Event>) { setHandler(this, 'open', handler); }
  get onmessage(): Handler<MessageEvent> { return handlerOf(this, 'message'); }
  set onmessage(handler: Handler<MessageEvent>) { setHandler(this, 'message', handler); }
  get onclose(): Handler<CloseEvent> { return handlerOf(this, 'close'); }
  set onclose(handler: Handler<CloseEvent>) { setHandler(this, 'close', handler); }
  get onerror(): Handler<Event> { return handlerOf(this, 'error'); }
  set onerror(handler: Handler<Event>) { setHandler(this, 'error', handler); }
  get protocol(): string { return this._socket?.protocol ?? ''; }
  get extensions(): string { return this._socket?.extensions ?? ''; }
  /** The bytes that have not left, those that wait for a connection included. */
  get bufferedAmount(): number { return (this._socket?.bufferedAmount ?? 0) + this.#waiting._payloadBytes + this.#discarded; }
  get binaryType(): BinaryType { return this._binaryType ?? this._socket?.binaryType ?? 'blob'; }
  set binaryType(type: BinaryType) {
    this._binaryType = type;
    if (this._socket) this._socket.binaryType = type;
  }

  /**
   * Sends, or keeps for the next connection to the same destination (scheme, host, port and path), in order. Does nothing once `close` was
   * called, as a WebSocket. Throws a `QuotaExceededError` when too much waits.
   */
  override send(data: Data): void {
    if (this.readyState > 1) this.#discarded += sizeOf(data);
    else if (this.readyState) super.send(data);
    else for (const dropped of this.#waiting.add(data)) queueMicrotask(() => this._tell('dropped', { data: dropped, reason: 'full' }));
  }

  override close(code?: number, reason?: string): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`${code} is neither 1000 nor from 3000 to 4999`, 'InvalidAccessError');
    }
    if (reason && sizeOf(reason) > 123) throw new DOMException('The reason is longer than 123 bytes', 'SyntaxError');
    super.close(code, reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise(resolve => {
      if (this.state === 'closed') return resolve();
      this.addEventListener('close', () => this.state === 'closed' && resolve());
      this.close();
    });
  }

  /** @internal */
  protected override _opened(): void {
    const turn = this._turn, destination = this.url.replace(/\?.*/, '');
    if (this.#destination && this.#destination !== destination) {
      for (const data of this.#waiting.take()) this._tell('dropped', { data, reason: 'other-destination' });
    }
    this.#destination = destination;
    this.#origin = new URL(this.url).origin;
    super._opened();
    if (turn === this._turn && this.readyState === 1) for (const data of this.#waiting.take()) super.send(data);
  }

  /** @internal Asking each of the socket's events for its origin would take longer than all the rest. */
  protected override _received(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data, origin: this.#origin }));
  }

  /** @internal */
  protected override _ended(ending: Ending): void {
    const turn = this._turn;
    if (!ending.wasClean) this._tell('error', { message: ending.reason });
    this.dispatchEvent(globalThis.CloseEvent ? new CloseEvent('close', ending) : Object.assign(new Event('close'), ending));
    if (turn === this._turn && this.state === 'reconnecting') this._tell('reconnecting', this.change);
  }
}

type Listener<K extends keyof ReconnectingWebSocketEvents> =
  (this: ReconnectingWebSocket, event: ReconnectingWebSocketEvents[K]) => unknown;

export interface ReconnectingWebSocket {
  addEventListener<K extends keyof ReconnectingWebSocketEvents>(type: K,
    listener: Listener<K>, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof ReconnectingWebSocketEvents>(type: K,
    listener: Listener<K>, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
