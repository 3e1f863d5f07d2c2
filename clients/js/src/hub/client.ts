/// <reference lib="esnext.disposable" preserve="true" />
import { systemClock, type Clock } from '../clock.js';
import { adviceFor, type Advice, type Ending } from '../socket/endings.js';
import { Connection, StayAwayError, stateOf, type ConnectionState, type StateChange } from '../socket/connection.js';
import type { Heartbeat, ReconnectionOptions, UrlProvider } from '../socket/options.js';
import { sizeOf } from '../socket/waiting.js';
import { encode } from './bytes.js';
import { Emitter } from './emitter.js';
import { ConnectionLostError, HubRefusedError } from './errors.js';
import type { Answerer, Asks, HubClientEvents } from './events.js';
import { Inbox } from './inbox.js';
import type { ContractOf, HubContract, OwnContract, RequestsOf, RoomName, Wire } from './messages.js';
import type { HubClientOptions } from './options.js';
import { Outbox } from './outbox.js';
import type { Link, Preparation } from './preparation.js';
import { Questions } from './questions.js';
import type { SendReceipt } from './receipt.js';
import { Requests } from './requests.js';
import { HubRoom, type RoomOptions } from './room.js';
import { quiet } from './quiet.js';
import { Renewal } from './renewal.js';
import { claimsOf, fitsHandshake, randomName } from './token.js';

const MaxRefusals = 5;

/** A client of a Longwire hub that stays connected. Connects with `connect()`, a join or a publication. */
export class HubClient<C extends HubContract = any> {
  // Declared: a field that the constructor sets anyway would be in the code twice.
  /** This user's own room: `direct`, `notification`, and the application's types. */
  declare readonly me: HubRoom<OwnContract<C>>;
  /** Everyone's room: `chat`, `notification`, and the application's types. */
  declare readonly everyone: HubRoom<OwnContract<C>>;
  /** The session's public id; empty before the first connection. */
  clientId = '';
  userId: string | undefined;
  username: string | undefined;
  /** @internal */
  declare readonly _clock: Clock;
  /** @internal */
  declare readonly _random: () => number;
  /** @internal */
  declare readonly _timeout: number;
  /** The largest message that the hub takes, in bytes. */
  maxMessageBytes = Infinity;
  #url: UrlProvider;
  #options: HubClientOptions;
  #events = new Emitter();
  #socket: Link | undefined;
  #opening: Promise<void> | undefined;
  #openings = 0;
  #state: StateChange = stateOf('idle');
  #isReady = false;
  #inbox = new Inbox(message => this.#receive(message), () => this.#socket!.fail(1006, 'Code not loaded'));
  #wasGuest = false;
  #rooms = new Map<string, HubRoom>();
  #outbox: Outbox;
  #requests = new Requests();
  #questions = new Questions();
  #prefix = randomName().slice(0, 12);
  #ids = 0;
  #producer = randomName();
  #session = '';
  #token: string | undefined;
  #refusedToken: string | undefined;
  #refusals = 0;
  #authId = '';
  #drain: number | undefined;
  #timer: unknown;
  #renewal: Renewal;

  /** @param url The hub's address: `wss:`, `https:`, or relative to the page; or a function that is asked before each attempt. */
  constructor(url: UrlProvider, options: HubClientOptions = {}) {
    this.#url = url;
    this.#options = options;
    this._clock = options.clock ?? systemClock;
    this._random = options.random ?? Math.random;
    this._timeout = options.timeout ?? 10_000;
    this.#outbox = new Outbox({
      _clock: this._clock, _random: this._random, _maxMessages: options.maxOutboxMessages ?? 1_000,
      _maxBytes: options.maxOutboxBytes ?? 4 << 20, _maxUnderWay: options.maxUnderWay ?? 16,
      _isOpen: room => this.#isReady && (!room || !!this.#rooms.get(room)?.isJoined),
      _send: data => this.#socket!.send(data),
      _join: room => this.room(room).join(),
      _onLost: (error, { id, room, data }) => this.#events.emit('lost', error, { id, room, data }),
    });
    this.#renewal = new Renewal(this._clock, this._random, () => this.renewToken());
    this.me = this.room('$me');
    this.everyone = this.room('$all');
  }

  get state(): ConnectionState { return this.#state.state; }

  /** Listens to an event, or to any type of the hub's messages; the returned function stops that. */
  on<E extends keyof HubClientEvents>(event: E, listener: (...values: HubClientEvents[E]) => unknown): () => void;
  on(type: string, listener: (...values: any[]) => unknown): () => void;
  on(type: string, listener: (...values: any[]) => unknown): () => void {
    return this.#events.on(type, listener);
  }

  /** The room of a name: always the same object. Options given later add to earlier ones. */
  room<N extends RoomName<C>>(name: N, options?: RoomOptions): HubRoom<ContractOf<C, N>>;
  /** @internal */
  room(name: string, options?: RoomOptions): HubRoom;
  room(name: string, options?: RoomOptions): HubRoom {
    name = name.normalize();
    let room = this.#rooms.get(name);
    if (!room) this.#rooms.set(name, (room = new HubRoom(this as HubClient, name)));
    Object.assign(room._options, options);
    return room;
  }

  /** Sends to all connections of a user: there as `direct`. */
  direct(userId: string, content: unknown): SendReceipt {
    return this._publish(undefined, { type: 'direct', userId, content });
  }

  /** Says something to everyone, where the hub allows it: there as `chat`. */
  chat(message: unknown): SendReceipt {
    return this._publish(undefined, { type: 'chat', message });
  }

  /** Asks the hub's application, outside of a room. */
  ask<T extends keyof RequestsOf<C> & string>(
    type: T, content?: RequestsOf<C>[T]['request'], options?: { timeout?: number },
  ): Promise<RequestsOf<C>[T]['reply']> {
    return quiet(this._request({ ...content, type }, undefined, options?.timeout).then(answer => answer.content));
  }

  /** Answers questions of the application. An error of the handler becomes "The client failed." */
  onAsk<M extends keyof Asks<C> & string>(method: M, handler: Answerer<Asks<C>[M]>): void {
    this.#questions._handlers.set(method, handler as never);
  }

  /** Connects, or begins again when closed. Cuts no wait short: see `reconnect`. */
  connect(): void {
    if (this.#socket) {
      if (!this._isClosed) return;
      this.#refusals = 0;
      this.#socket.reconnect();
    } else if (!this.#opening) {
      this.#state = stateOf('connecting');
      this.#opening = this.#open();
    }
  }

  /** Makes an attempt at once. */
  reconnect(): void {
    if (this.#socket) this.#socket.reconnect();
    else this.connect();
  }

  /** Asks for a token and hands it over on the open connection. Rejects when the hub refuses it. */
  async renewToken(): Promise<void> {
    const token = await this.#askToken();
    if (token === undefined) return;
    await this._request({ type: 'auth', token, username: this.#options.username });
    this.#accepted(token);
  }

  /** Says goodbye and closes. Receipts keep waiting, and `connect` begins again; a kept outbox stays as it is. */
  close(): void {
    if (this.#socket) {
      this.#isReady = false;
      this.#socket.close(1000);
    } else if (this.state !== 'closed') this.#stayClosed('by hand');
  }

  /** Closes, and waits until it is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    if (this.state !== 'closed') await new Promise<void>(resolve => this.on('state', ({ state }) => state === 'closed' && resolve()));
    this.#outbox.store?.close();
  }

  /** @internal */
  get _isClosed() { return this.#socket ? this.#socket.readyState > 1 : this.#state.state === 'closed'; }

  /** @internal */
  _newId(): string { return `${this.#prefix}.${++this.#ids}`; }

  async #open(): Promise<void> {
    const { outbox, tabs, transport = this.#options.WebSocket ? 'websocket' : 'auto' } = this.#options;
    const turn = ++this.#openings;
    await undefined;
    const isLate = () => !this.#opening || turn !== this.#openings;
    let prepared: Preparation = {};
    if (isLate()) return;
    if (outbox === 'indexeddb' || tabs === 'shared') {
      try {
        const { prepare } = await import('./preparation.js');
        prepared = await prepare(this.#url, this.#options, this.#outbox, isLate, error => this.#events.emit('error', error), claimsOf);
      } catch (error) {
        if (!isLate()) this.#stayClosed(String(error));
        return;
      }
      if (isLate()) return;
    }
    const { connect = (...given) => new Connection(...given), producer = this.#producer } = prepared;
    this.#producer = producer;
    const given: ReconnectionOptions & { heartbeat: Heartbeat } = {
      ...this.#options,
      heartbeat: { message: '{"type":"ping"}' },
      shouldReconnect: ending => {
        // No WebSocket gets through, perhaps: the attempts to come try other ways, too.
        if (transport === 'auto' && ending.code === 1006 && !this.#isReady) void fallBack();
        return this.#options.shouldReconnect?.(ending) ?? this.#advise(ending);
      },
    };
    const fallBack = async () => {
      try {
        const { socketOf } = await import('../http/fallback.js');
        given.WebSocket ??= socketOf(this.#options, () => this.#token);
      } catch { /* There is no way to where it is loaded from, either. */ }
    };
    if (transport !== 'auto' && transport !== 'websocket') await fallBack();
    if (isLate()) return;
    const socket = connect(this.#url, () => this.#protocols(), given);
    this.#socket = socket;
    socket.addEventListener('message', event => this.#inbox._take((event as MessageEvent).data));
    socket.addEventListener('open', () => {
      this.#timer = this._clock.setTimeout(() => socket.fail(1006, 'Silent hub'), this.#options.connectTimeout ?? 15_000);
    });
    socket.addEventListener('statechange', event => {
      const { state, attempt, delay, reason } = event as Event & StateChange;
      if (state === 'open') return;
      this.#lost();
      this.#change({ state, attempt, delay, reason });
      if (state === 'closed') this.#outbox.close();
    });
  }

  #stayClosed(reason: string): void {
    this.#opening = undefined;
    this.#change(stateOf('closed', reason));
  }

  async #askToken(): Promise<string | undefined> {
    const { token } = this.#options;
    return typeof token === 'function' ? token() : token;
  }

  async #protocols(): Promise<string[]> {
    const token = (this.#token = await this.#askToken());
    if (token !== undefined && token === this.#refusedToken) throw new StayAwayError(1008, 'The token was refused');
    const offer = ['longwire.v1.json', `producer.${this.#producer}`];
    if (this.#session) offer.push(`session.${this.#session}`);
    if (token && !this.#mustSayAuth(token)) offer.push(`bearer.${token}`);
    return offer;
  }

  #mustSayAuth(token: string | undefined): boolean {
    return this.#options.username !== undefined || (!!token && !fitsHandshake(token));
  }

  #advise(ending: Ending): Advice | number | undefined {
    const drain = this.#drain;
    this.#drain = undefined;
    if (ending.code === 1009) this.#outbox._refuseLargest();
    const advice = adviceFor(ending);
    if (advice === 'new-token') {
      if (typeof this.#options.token !== 'function' || ++this.#refusals >= MaxRefusals) return 'stop';
      this.#refusedToken = this.#token;
      return ending.code === 4003 && this.#refusals === 1 ? 0 : 'back-off';
    }
    return drain !== undefined && advice !== 'stop' ? drain : advice;
  }

  #change(change: StateChange): void {
    this.#state = change;
    // Events come after the call that caused them.
    queueMicrotask(() => this.#events.emit('state', change));
  }

  /** @internal */
  _tell(message: object): boolean {
    if (this.#isReady) this.#socket!.send(JSON.stringify(message));
    return this.#isReady;
  }

  /** @internal */
  _tellBytes(room: string, payload: Uint8Array): boolean {
    if (this.#isReady) this.#socket!.send(encode(room, '', payload));
    return this.#isReady;
  }

  /** @internal */
  _publish(room: string | undefined, message: object): SendReceipt {
    if (this._isClosed) throw new ConnectionLostError('Closed: connect() begins again');
    const id = this._newId();
    const data = message instanceof Uint8Array ? encode(room!, id, message) : JSON.stringify({ ...message, id });
    if (sizeOf(data) > this.maxMessageBytes) throw new HubRefusedError('too-large', 'Message too large');
    this.connect();
    return this.#outbox.add(id, room, data);
  }

  /** @internal */
  _request(message: object, room?: HubRoom, timeout = this._timeout, id = this._newId()): Promise<Wire> {
    const promise = this.#requests._add(id, message, room, timeout, this._clock, this._isClosed);
    if (!this._isClosed) this.connect();
    this.#sendRequests();
    return promise;
  }

  #sendRequests(): void {
    if (this.#isReady) this.#requests._send(text => this.#socket!.send(text));
  }

  /** @internal */
  _want(room: HubRoom): void {
    this.connect();
    if (this.#isReady) room._connected();
  }

  /** @internal */
  _unwant(room: HubRoom, error: HubRefusedError): void {
    this.#outbox._refuseRoom(room.name, error.code, error.message);
    this.#requests._fail(error, request => request.room === room);
  }

  /** @internal */
  _joined(): void {
    this.#outbox._flush();
    this.#sendRequests();
  }

  /** The hub has accepted this client: rooms, outbox and requests, in this order. */
  #ready(): void {
    if (this.#isReady) return;
    this._clock.clearTimeout(this.#timer);
    this.#isReady = true;
    this.#accepted(this.#token);
    for (const room of this.#rooms.values()) room._connected();
    this.#outbox._flush();
    this.#sendRequests();
    this.#change(stateOf('open'));
  }

  #lost(): void {
    this.#isReady = false;
    this.#inbox._clear();
    this.#authId = '';
    this._clock.clearTimeout(this.#timer);
    this.#renewal._stop();
    this.#outbox._disconnected();
    for (const room of this.#rooms.values()) room._disconnected();
    this.#requests._fail(new ConnectionLostError('The connection was lost'), request => request._isSent);
  }

  #accepted(token: string | undefined): void {
    this.#token = token;
    this.#refusals = 0;
    this.#refusedToken = undefined;
    if (typeof this.#options.token === 'function') this.#renewal._plan(token);
  }

  #signedIn({ userId, username, session }: Wire): void {
    if (session) this.#session = session;
    if (this.userId !== undefined && this.userId !== userId) {
      this.#outbox._changeUser(this.#wasGuest);
      this.me.position = undefined;
    }
    this.#wasGuest = userId === this.clientId;
    this.userId = userId;
    this.username = username;
  }

  #receive(message: Wire): void {
    const { type, id } = message;
    switch (type) {
      case 'connected': return this.#connected(message);
      case 'pong': return;
      case 'drain':
        this.#drain = Math.min(message.reconnectAfterMs, 3_600_000);
        break;
      case 'ask': return void this.#questions._answer(message, reply => this._tell(reply));
      case 'auth-success':
        this.#signedIn(message);
        if (id && id === this.#authId) this.#ready();
        break;
      case 'auth-failed':
        this.#requests._refuse(id, new HubRefusedError(type, message.message));
        break;
      case 'error':
        if (this.#refuse(message)) return;
        this.#events.emit('error', new HubRefusedError(message.code, message.message));
        return;
      case 'ack':
        if (this.#outbox._ack(message as never)) return;
    }
    // The application has put this client into a room.
    if (type === 'joined-room' && !id) this.room(message.room);
    if (!this.#requests._settle(message)) this.#roomOf(message)?._receive(message);
    this.#events.emit(type, message);
  }

  #connected(message: Wire): void {
    const { clientId, session, maxMessageBytes, idempotencyMs } = message;
    const mustSayAuth = this.#mustSayAuth(this.#token);
    this.clientId = clientId;
    this.#session = session;
    this.maxMessageBytes = maxMessageBytes;
    this.#outbox._idempotencyMs = idempotencyMs;
    if (!mustSayAuth) {
      // Nobody yet, or a guest.
      this.#signedIn({ ...message, userId: message.userId ?? clientId });
      return this.#ready();
    }
    this.#authId = this._newId();
    this.#socket!.send(JSON.stringify({ type: 'auth', id: this.#authId, token: this.#token, username: this.#options.username }));
  }

  /** An error, if it belongs to something that was asked for. */
  #refuse({ id, code, message, retryAfterMs }: Wire): boolean {
    if (!id) return false;
    if (id === this.#authId && !this.#isReady) {
      // The token could not be checked: later.
      this.#socket!.fail(1013, message);
      return true;
    }
    return this.#requests._refuse(id, new HubRefusedError(code, message)) || this.#outbox._error(id, code, message, retryAfterMs)
      || [...this.#rooms.values()].some(room => room._refused(id, code, message, retryAfterMs));
  }

  /** Messages to a user or to everyone come without a room: their epoch tells whose they are, or else their type. */
  #roomOf({ type, room, epoch }: Wire): HubRoom | undefined {
    if (room) return this.#rooms.get(room);
    if (!epoch) return undefined;
    const { me, everyone } = this;
    return epoch === me.position?.epoch || type === 'direct' ? me
      : epoch === everyone.position?.epoch || type === 'chat' || me.position ? everyone : me;
  }
}
