import { Emitter } from './emitter.js';
import { HubRefusedError } from './errors.js';
import type {
  JoinedRoom, MessagesOf, RequestsOf, Reset, RoomContract, RoomMessage, RoomMessageFields, RoomPosition, Sender, Wire,
} from './messages.js';
import { quiet } from './quiet.js';
import { backOff, isForNow } from './refusals.js';
import type { SendReceipt } from './receipt.js';
import type { HubClient } from './client.js';

/** The parts of a room to ask for. */
export interface RoomOptions {
  /** How many of the newest messages to get with the first join. Default: 0. */
  history?: number;
  /** Whether to get the room's state with each join, as the event `state`. Default: false. */
  state?: boolean;
}

/** Which messages of a room to read. */
export interface HistoryOptions {
  /** Those after this offset, the oldest first. */
  since?: number;
  /** The newest before this offset. */
  before?: number;
  limit?: number;
}

/** A publication's attributes beside its content. */
export interface PublishOptions {
  /** Its subject (at most 128 characters). */
  key?: string;
  /** Which version of that it shows: one that is older than the newest published is refused as `stale`. */
  version?: number;
}

/** The events of a room beside its messages. */
export interface RoomEvents {
  /** The messages that follow don't continue those before: throw away the view, or read it again. */
  reset: [Reset];
  /** The room has been joined, or joined again. */
  joined: [JoinedRoom];
  /** The room is left: the application took the client out of it, or the hub refused it. */
  left: [{ code?: string; reason?: string }];
  /** The room's state, with each join. */
  state: [state: any, version?: number];
}

// Messages that come while a join is being answered.
const MaxHeld = 10_000;
// After a loss in the hub its clients come back for a room's state spread over this time.
const ResetSpread = 5_000;

/** A room's map, users and markers: in `longwire/state`, which a page loads when it has a use for them. */
export interface RoomPart {
  /** The fields that a join asks for it with. */
  _join(): object;
  /** Takes the answer to a join, before its messages; a message, once and in order. */
  _take(message: Wire): void;
}

/** A room as this client sees it. It stays joined across connections until it is left. */
export class HubRoom<C extends RoomContract = any> {
  /** Where the messages that were handed over end. */
  position: RoomPosition | undefined;
  /** @internal */
  _isWanted = false;
  /** @internal */
  _options: RoomOptions = {};
  /** @internal */
  _part: RoomPart | undefined;
  /** @internal */
  declare readonly _client: HubClient;
  #events = new Emitter();
  #joining: { promise: Promise<JoinedRoom>; resolve(room: JoinedRoom): void; reject(error: Error): void } | undefined;
  #joinId = '';
  #held: Wire[] | undefined;
  #joined: JoinedRoom | undefined;
  #wasJoined = false;
  #tries = 0;
  #retry: unknown;

  /** @internal */
  constructor(client: HubClient, readonly name: string) {
    this._client = client;
  }

  /** Whether the room is joined on the present connection. */
  get isJoined(): boolean { return !!this.#joined; }

  /** Listens to messages by their type, or to an event; the returned function stops that. */
  on<E extends keyof RoomEvents>(event: E, listener: (...values: RoomEvents[E]) => unknown): () => void;
  on(type: 'message', listener: (message: RoomMessage<C['message']>, from: Sender) => unknown): () => void;
  on<T extends keyof MessagesOf<C> & string>(type: T,
    listener: (message: MessagesOf<C>[T] & RoomMessageFields, from: Sender) => unknown): () => void;
  on(type: string, listener: (...values: any[]) => unknown): () => void {
    // The user's own messages and everyone's come without being asked for, but are recovered only where they were.
    if (this.#isOwn) void this.join();
    return this.#events.on(type, listener);
  }

  /** Joins. Stays joined across connections, and waits for one. Rejects with a `HubRefusedError`. */
  join(): Promise<JoinedRoom> {
    if (this.#joined) return Promise.resolve(this.#joined);
    if (!this.#joining) {
      let resolve!: (room: JoinedRoom) => void, reject!: (error: Error) => void;
      const promise = quiet(new Promise<JoinedRoom>((...both) => [resolve, reject] = both));
      this.#joining = { promise, resolve, reject };
      if (!this._isWanted) {
        this._isWanted = true;
        this._client._want(this);
      }
    }
    return this.#joining.promise;
  }

  /** Leaves. Publications that wait for the room are refused as `not-in-room`. */
  leave(): void {
    if (!this._isWanted || this.#isOwn) return;
    this._client._tell({ type: 'leave-room', room: this.name });
    this.#end(new HubRefusedError('not-in-room', 'Not in room'));
  }

  /** Publishes: kept until the hub confirms it, once, in order; bytes as they are. The second form is for a type of the application's. */
  publish(content: C['message'] | Uint8Array, options?: undefined): SendReceipt;
  publish<T extends (keyof MessagesOf<C> & string) | 'message'>(type: T, content: T extends 'message' ? C['message'] : MessagesOf<C>[T],
    options?: PublishOptions): SendReceipt;
  publish(first: unknown, second?: unknown, options?: PublishOptions): SendReceipt {
    if (!this.#isOwn) this.join();
    if (first instanceof Uint8Array) return this._client._publish(this.name, first);
    const [type, content] = second === undefined ? ['message', first] : [first as string, second];
    return this._client._publish(this.name, type === 'message' ? { type, room: this.name, content, ...options }
      : { ...(content as object), type, room: this.name, ...options });
  }

  /** Sends what needs no keeping, such as that somebody is typing. False: there was no connection, and it is dropped. */
  send<T extends keyof MessagesOf<C> & string>(type: T, content?: MessagesOf<C>[T]): boolean;
  /** Sends bytes for the room's application, which takes them for itself; where it doesn't, they are published. */
  send(bytes: Uint8Array): boolean;
  send(first: string | Uint8Array, content?: unknown): boolean {
    return this.isJoined && (first instanceof Uint8Array ? this._client._tellBytes(this.name, first)
      : this._client._tell({ ...(content as object), type: first, room: this.name }));
  }

  /** Asks the hub's application. Rejects with a `HubRefusedError`, `HubTimeoutError` or `ConnectionLostError`. */
  ask<T extends keyof RequestsOf<C> & string>(
    type: T, content?: RequestsOf<C>[T]['request'], options?: { timeout?: number },
  ): Promise<RequestsOf<C>[T]['reply']> {
    if (!this.#isOwn) this.join();
    return quiet(this._client._request({ ...(content as object), type, room: this.name }, this, options?.timeout)
      .then(answer => answer.content));
  }

  /** Reads messages of the past. */
  async history(options: HistoryOptions = {}): Promise<RoomMessage<C['message']>[]> {
    const answer = await this._client._request({ type: 'history', room: this.name, ...options }, this);
    return answer.messages;
  }

  get #isOwn() { return this.name[0] === '$'; }

  /** @internal The connection is there: joins, or joins again. */
  _connected(): void {
    if (!this._isWanted) return;
    this.#held = [];
    this.#joinId = this._client._newId();
    const { history, state } = this._options;
    this._client._tell({
      type: 'join-room', room: this.name, id: this.#joinId,
      ...(this.position && !state ? { recover: this.position } : history && { history }),
      ...(state && { state }), ...this._part?._join(),
    });
  }

  /** @internal The connection has ended. */
  _disconnected(): void {
    this._client._clock.clearTimeout(this.#retry);
    this.#joined = this.#held = undefined;
    this.#joinId = '';
  }

  /** @internal A message of this room, or an answer about it. */
  _receive(message: Wire): void {
    if (message.type === 'joined-room') {
      // Without an id the application did it. Another tab's request on a shared connection is not ours.
      if (!message.id) this._isWanted = true;
      if ((message.id ?? '') === this.#joinId) this.#enter(message as unknown as JoinedRoom & Wire);
      else if (this.#joined) this.#catchUp(message);
    } else if (message.type === 'left-room') {
      if (!message.id && this._isWanted) this.#left({ reason: message.reason });
    } else if (message.type === 'room-reset') {
      this.position = { epoch: message.epoch, offset: message.offset, tag: message.tag };
      this._client._clock.setTimeout(() => {
        this.#events.emit('reset', { cause: 'server' });
        if (this._options.state && this.#joined) this._connected();
      }, this._client._random() * ResetSpread);
    } else if (this.#held) {
      if (this.#held.push(message) > MaxHeld) this.#held.shift();
    } else this.#hand(message, true);
  }

  /** @internal The hub refused the join. False: it is not about that. */
  _refused(id: string, code: string, text: string, retryAfterMs?: number): boolean {
    if (id !== this.#joinId) return false;
    if (isForNow(code)) {
      const client = this._client;
      const delay = retryAfterMs ?? backOff(client._random, this.#tries++);
      this.#retry = client._clock.setTimeout(() => this._connected(), delay);
    } else {
      const error = new HubRefusedError(code, text);
      if (this.#wasJoined) this.#left({ code, reason: text });
      else this.#end(error);
    }
    return true;
  }

  #enter(answer: JoinedRoom): void {
    const held = this.#held ?? [];
    const { epoch, offset, tag, recovered, messages, state } = answer;
    const before = this.position;
    const isSame = before?.epoch === epoch && before.offset === offset && before.tag === tag;
    const isReset = !!before && !isSame && !recovered && !this._options.state;
    this.#held = undefined;
    this.#joinId = '';
    this.#tries = 0;
    this.#joined = answer;
    this.#wasJoined = true;
    this._part?._take(answer as JoinedRoom & Wire);
    if (isReset || this._options.state) this.position = undefined;
    if (isReset) this.#events.emit('reset', { cause: 'recovery' });
    if (state !== undefined) this.#events.emit('state', state, answer.stateVersion);
    for (const message of messages) this.#hand(message, false);
    // A user's own room and everyone's speak before they are joined.
    if (!before) for (const message of held.splice(0)) this.#hand(message, false);
    if (this.position?.epoch !== epoch || this.position.offset < offset) this.position = { epoch, offset, tag: tag! };
    this.#joining?.resolve(answer);
    this.#joining = undefined;
    this.#events.emit('joined', answer);
    this._client._joined();
    for (const message of held) this.#hand(message, true);
  }

  /** Another tab has joined on this connection: what was on its way to this one may have come with the answer. */
  #catchUp({ messages, epoch, offset }: Wire): void {
    for (const message of messages) if (epoch === this.position?.epoch) this.#hand(message, true);
    if (this.position && (epoch !== this.position.epoch || offset > this.position.offset)) this._connected();
  }

  #hand(message: Wire, isLive: boolean): void {
    const { type, epoch, offset, tag } = message;
    if (offset !== undefined && epoch && type !== 'read') {
      const before = this.position;
      if (before && before.epoch === epoch && offset <= before.offset) return;
      this.position = { epoch, offset, tag };
      if (isLive && before && (before.epoch !== epoch || offset !== before.offset + 1)) this.#events.emit('reset', { cause: 'gap' });
    }
    this._part?._take(message);
    this.#events.emit(type, message, { userId: message.userId ?? message.from, username: message.username });
  }

  #left(why: { code?: string; reason?: string }): void {
    const error = new HubRefusedError(why.code ?? 'not-in-room', why.reason ?? 'Not in room');
    this.#end(error);
    this.#events.emit('left', why);
  }

  #end(error: HubRefusedError): void {
    this._disconnected();
    this._isWanted = this.#wasJoined = false;
    this.position = undefined;
    this.#joining?.reject(error);
    this.#joining = undefined;
    this._client._unwant(this, error);
  }
}
