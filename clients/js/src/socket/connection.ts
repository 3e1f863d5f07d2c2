import { systemClock, type Clock } from '../clock.js';
import { adviceFor, type Ending } from './endings.js';
import type { Heartbeat, ProtocolsProvider, ReconnectionOptions, UrlProvider } from './options.js';
import { platformSocket } from './platform-socket.js';
import type { Data } from './waiting.js';
import { watch } from './watch.js';

/** Where a connection that stays up is. */
export type ConnectionState = 'idle' | 'connecting' | 'open' | 'reconnecting' | 'closed';

/** A change of the state: the event `statechange`, and `reconnecting` for that state alone. */
export interface StateChange {
  readonly state: ConnectionState;
  /** 0 for the first attempt, then the number of failures in a row. */
  readonly attempt: number;
  /** How long until the next attempt, in milliseconds. */
  readonly delay: number;
  /** Why it is being reconnected, or closed. */
  readonly reason: string;
}

/** A state that one comes to at once. */
export const stateOf = (state: ConnectionState, reason = ''): StateChange => ({ state, attempt: 0, delay: 0, reason });

/** Thrown by a function that gives addresses or subprotocols: no further attempt is of use. */
export class StayAwayError extends Error {
  constructor(readonly code: number, reason: string) {
    super(reason);
  }
}

const MaxRefusals = 5;
const LongestRetryAfter = 300_000;
const PatienceAfterDoubt = 5_000;
// Registered for private use: for the server the connection ends without a goodbye, so that a session can be resumed.
const NoGoodbye = 4000;

export const endingOf = (code: number, reason = '', wasClean = false): Ending => ({ code, reason, wasClean });

/** An address as a WebSocket takes it. */
export function normalise(url: string | URL): string {
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol.replace(/^http/, 'ws');
  address.hash = '';
  return address.href;
}

/** A WebSocket in use: the browser's, or one of Node's, that pings. */
export type Socket = WebSocket & { ping?(): void };

/** A connection that comes back, with neither queue nor a WebSocket's looks: what both clients stand on. */
export class Connection extends EventTarget {
  /** The address of the connection, or of the attempt. Empty until a function has given one. */
  url = '';
  /** @internal */
  protected _socket: Socket | undefined;
  /** @internal A page would have to ask another process for the bytes of a blob. Undefined: as the socket has it. */
  protected _binaryType: BinaryType | undefined = 'arraybuffer';
  /** The last change of the state. */
  change: StateChange = { state: 'idle', attempt: 0, delay: 0, reason: '' };
  /** @internal Counts attempts and their ends: callbacks of an earlier one know by it that they are late. */
  protected _turn = 0;
  #options: ReconnectionOptions & { heartbeat?: Heartbeat };
  #address: UrlProvider;
  #protocols: ProtocolsProvider | undefined;
  #isClosing = false;
  #attempt = 0;
  #refusals = 0;
  #refused = '';
  #timer: unknown;
  #unwatch: (() => void) | undefined;
  #openedAt = 0;
  #heardAt = 0;
  #deadline = 0;
  #isLate = false;
  #clock: Clock;

  constructor(url: UrlProvider, protocols: ProtocolsProvider | undefined, options: ReconnectionOptions & { heartbeat?: Heartbeat }) {
    super();
    this.#address = url;
    this.#protocols = protocols;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    if (typeof url !== 'function') this.url = normalise(url);
    this.#begin();
  }

  get state(): ConnectionState { return this.change.state; }
  get readyState(): number {
    return this.state === 'closed' ? 3 : this.#isClosing ? 2 : this.state === 'open' ? 1 : 0;
  }

  /** Sends, while open. */
  send(data: Data): void {
    this._socket!.send(data as string);
  }

  /** Closes for good; `reconnect` begins again. Events come after the call. */
  close(code?: number, reason?: string): void {
    if (this.readyState > 1) return;
    this.#isClosing = true;
    if (this.state === 'open') {
      this.#clock.clearTimeout(this.#timer);
      // The peer may be gone without a word.
      this.#timer = this.#clock.setTimeout(() => this.#finish(endingOf(1006)), PatienceAfterDoubt);
      this._socket!.close(code ?? 1000, reason);
    } else {
      this.#detach();
      const turn = this._turn;
      queueMicrotask(() => this._turn === turn && this.#finish(endingOf(code ?? 1005, reason, true)));
    }
  }

  /** Makes an attempt at once: begins again when closed, cuts a wait short, replaces an open connection. */
  reconnect(): void {
    if (this.state === 'closed') this.#begin();
    else if (this.#isClosing) this.addEventListener('close', () => this.#begin(), { once: true });
    else if (this.state !== 'connecting') queueMicrotask(() => this.#again('by hand'));
  }

  /** @internal Ends the connection as if it had been lost. */
  fail(code: number, reason: string): void {
    if (this.state === 'open' || this.state === 'connecting') this.#lost(endingOf(code, reason));
  }

  #begin(): void {
    this.#attempt = this.#refusals = 0;
    this.#refused = '';
    this.#isClosing = false;
    const turn = ++this._turn;
    this.change = { ...this.change, state: 'connecting' };
    queueMicrotask(() => {
      if (turn !== this._turn) return;
      const connectNow = () => this.state === 'reconnecting' && void this.#connect();
      this.#unwatch = watch(this.#clock, {
        _onLook: late => this._look(late),
        _onAsleep: () => this.#again('asleep'),
        _onDoubt: () => this.readyState === 1 ? this.#probe(PatienceAfterDoubt) : connectNow(),
        _onHide: () => this.readyState < 2 && this.#lost(endingOf(1006, 'Page in the cache'), Infinity),
        _onShow: connectNow,
      });
      void this.#connect();
    });
  }

  async #connect(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    const turn = ++this._turn;
    const isLate = () => turn !== this._turn;
    const failed = (reason: string) => isLate() || this.#lost(endingOf(1006, reason));
    this.#timer = this.#clock.setTimeout(() => failed('Timed out'), this.#options.connectTimeout ?? 15_000);
    this.#become('connecting');
    let wasAsked = false;
    try {
      const ask = async <T>(provider: T | (() => T | Promise<T>)) => typeof provider === 'function' ? (provider as () => T)() : provider;
      const [url, protocols = [], Class] = await Promise.all([ask(this.#address), ask(this.#protocols), this.#options.WebSocket ?? platformSocket()]);
      if (isLate()) return;
      wasAsked = true;
      this.url = normalise(url!);
      const offer = `${this.url} ${protocols}`;
      if (offer === this.#refused) return this.#finish(endingOf(1008, 'Refused before'));
      const socket = (this._socket = new Class(this.url, protocols));
      if (this._binaryType) socket.binaryType = this._binaryType;
      const heard = () => {
        this.#heardAt = this.#clock.now();
        this.#deadline = 0;
      };
      // Node: pings and pongs count as received too.
      (socket as { onheard?: () => void }).onheard = heard;
      (socket as { on?(type: string, listener: () => void): void }).on?.('pong', heard);
      socket.onopen = () => {
        if (isLate()) return;
        heard();
        this.#openedAt = this.#heardAt;
        this.#clock.clearTimeout(this.#timer);
        this._opened();
      };
      socket.onmessage = event => {
        if (isLate()) return;
        heard();
        this._received(event.data);
      };
      socket.onerror = () => {};
      socket.onclose = event => {
        const { code, reason, wasClean, status, retryAfter } = event as CloseEvent & Ending;
        if (isLate()) return;
        const ending = { code, reason, wasClean, status, retryAfter } as Ending;
        if (this.#isClosing) this.#finish(ending);
        else this.#lost(ending, undefined, offer);
      };
    } catch (error) {
      if (error instanceof StayAwayError) isLate() || this.#finish(endingOf(error.code, error.message));
      // A browser's error names the address or subprotocol, and a token with it.
      else failed(wasAsked ? 'Address or subprotocol not valid' : String((error as Error)?.message || error));
    }
  }

  /** @internal The handshake is done. */
  protected _opened(): void {
    this.#become('open');
    this._tell('open');
  }

  /** @internal A message has come. */
  protected _received(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  /** @internal A connection or an attempt has ended, and the state is the next already. */
  protected _ended(ending: Ending): void {
    this._tell('close', ending);
  }

  /** @internal */
  protected _tell(type: string, properties?: object): void {
    this.dispatchEvent(Object.assign(new Event(type), properties));
  }

  /** After a connection or an attempt: waits and comes back, or stays away. */
  #lost(ending: Ending, delay?: number, offer = ''): void {
    const { code, reason, retryAfter } = ending;
    const { stableAfter = 5_000, shouldReconnect, random = Math.random, reconnect, maxReconnectAttempts = Infinity,
      maxAttempts = reconnect === false ? 0 : maxReconnectAttempts,
      reconnectInterval = 1_000, reconnectDecay = 1.5, maxReconnectInterval = 30_000 } = this.#options;
    if (this.state === 'open') {
      this.#refused = '';
      if (this.#clock.now() - this.#openedAt >= stableAfter) this.#attempt = this.#refusals = 0;
    }
    let advice = delay ?? shouldReconnect?.(ending) ?? adviceFor(ending);
    if (advice === 'new-token') {
      const asks = typeof this.#address === 'function' || typeof this.#protocols === 'function';
      if (!asks || ++this.#refusals >= MaxRefusals) advice = 'stop';
      else this.#refused = offer;
    }
    if (advice === 'stop' || advice === false || (delay === undefined && this.#attempt >= maxAttempts)) return this.#finish(ending);
    this.#detach();
    const ceiling = Math.min(maxReconnectInterval, reconnectInterval * reconnectDecay ** this.#attempt++);
    delay = typeof advice === 'number' ? advice
      : retryAfter !== undefined ? Math.min(retryAfter, LongestRetryAfter) + random() * 1_000
      : code === 4003 && this.#attempt === 1 ? 0
      : Math.max(random() * ceiling, advice === 'later' ? 5_000 + random() * 25_000 : 0);
    if (delay < Infinity) this.#timer = this.#clock.setTimeout(() => this.#connect(), delay);
    this.#become('reconnecting', reason || `Close code ${code}`, delay);
    this._ended(ending);
  }

  /** The machine slept, or somebody wants another connection: what there is counts as dead. */
  #again(reason: string): void {
    if (this.readyState > 1) return;
    if (this.state !== 'reconnecting') this.#lost(endingOf(1006, reason), 0);
    else void this.#connect();
  }

  #finish(ending: Ending): void {
    this.#detach();
    this.#unwatch?.();
    this.#isClosing = false;
    this.#become('closed', ending.reason || `Close code ${ending.code}`);
    this._ended(ending);
  }

  /** Drops the socket, whose callbacks count as late from here on. */
  #detach(): void {
    this._turn++;
    this.#clock.clearTimeout(this.#timer);
    const socket = this._socket;
    this._socket = undefined;
    if (socket && socket.readyState < 2) socket.close(NoGoodbye);
  }

  /** @internal Whether the connection lives: asks when it has been silent for long, drops it when there was no answer. */
  _look(isLate: boolean): void {
    if (this.readyState !== 1) return;
    const now = this.#clock.now();
    const { after = 25_000, within = 10_000 } = this.#options.heartbeat ?? {};
    if (!this.#deadline) {
      if (now - this.#heardAt >= after) this.#probe(within);
    } else if (now >= this.#deadline) {
      // A late look may come before what was received meanwhile.
      if (isLate && !this.#isLate) this.#isLate = true;
      else this.#lost(endingOf(1006, 'Nothing was received'));
    }
  }

  /** Makes the server say something, and waits for that. */
  #probe(patience: number): void {
    const { heartbeat } = this.#options, socket = this._socket!;
    if (socket.ping) socket.ping();
    else if (heartbeat) socket.send(heartbeat.message);
    else return;
    this.#deadline = this.#clock.now() + patience;
    this.#isLate = false;
  }

  #become(state: ConnectionState, reason = '', delay = 0): void {
    this.change = { state, attempt: this.#attempt, delay, reason };
    this._tell('statechange', this.change);
  }
}
