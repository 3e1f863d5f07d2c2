import { Emitter } from './emitter.js';
import { HubRefusedError } from './errors.js';
import type { HubContract, JoinedRoom, Member, Reset, RoomMessage, RoomMessageFields, RoomPosition, Sender, Wire } from './messages.js';
import { RoomPresence } from './presence.js';
import { quiet } from './quiet.js';
import { backOff, isForNow } from './refusals.js';
import type { SendReceipt } from './receipt.js';
import type { HubClient } from './client.js';

/** The parts of a room to ask for. */
export interface RoomOptions {
  /** How many of the newest messages to get with the first join. Default: 0. */
  history?: number;
  /** Whether to keep up with who is in the room. Default: false. */
  presence?: boolean;
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

type Messages<C extends HubContract> = C['messages'] extends object ? C['messages'] : Record<string, any>;
type Requests<C extends HubContract> = C['requests'] extends object ? C['requests'] : Record<string, { request: any; reply: any }>;

// Messages that come while a join is being answered.
const MaxHeld = 10_000;
// After a loss in the hub its clients come back for a room's state spread over this time.
const ResetSpread = 5_000;

/** A room as this client sees it. It stays joined across connections until it is left. */
export class HubRoom<C extends HubContract = any> {
  readonly presence = new RoomPresence();
  /** Where the messages that were handed over end. */
  position: RoomPosition | undefined;
  /** @internal */
  _isWanted = false;
  /** @internal */
  _options: RoomOptions = {};
  #client: HubClient;
  #events = new Emitter();
  #joining: { promise: Promise<JoinedRoom>; resolve(room: JoinedRoom): void; reject(error: Error): void } | undefined;
  #joinId = '';
  #held: Wire[] | undefined;
  #joined: JoinedRoom | undefined;
  #wasJoined = false;
  #hasPresence = false;
  #tries = 0;
  #retry: unknown;

  /** @internal */
  constructor(client: HubClient, readonly name: string) {
    this.#client = client;
  }

  /** Whether the room is joined on the present connection. */
  get isJoined(): boolean { return !!this.#joined; }

  /** Listens to messages by their type, or to an event; the returned function stops that. */
  on<E extends keyof RoomEvents>(event: E, listener: (...values: RoomEvents[E]) => unknown): () => void;
  on(type: 'message', listener: (message: RoomMessage<C['message']>, from: Sender) => unknown): () => void;
  on<T extends keyof Messages<C> & string>(type: T,
    listener: (message: Messages<C>[T] & RoomMessageFields, from: Sender) => unknown): () => void;
  on(type: string, listener: (...values: any[]) => unknown): () => void {
    // The user's own messages and everyone's come without being asked for, but are recovered only where they were.
    if (this.#isOwn) void this.join();
    return this.#events.on(type, listener);
  }

  /** Joins. Stays joined across connections, and waits for one. Rejects with a `HubRefusedError`. */
  join(): Promise<JoinedRoom> {
    if (this.#joined) {
      if (this._options.presence && !this.#hasPresence) this.#readPresence();
      return Promise.resolve(this.#joined);
    }
    if (!this.#joining) {
      let resolve!: (room: JoinedRoom) => void, reject!: (error: Error) => void;
      const promise = quiet(new Promise<JoinedRoom>((...both) => [resolve, reject] = both));
      this.#joining = { promise, resolve, reject };
      if (!this._isWanted) {
        this._isWanted = true;
        this.#client._want(this);
      }
    }
    return this.#joining.promise;
  }

  /** Leaves. Publications that wait for the room are refused as `not-in-room`. */
  leave(): void {
    if (!this._isWanted || this.#isOwn) return;
    this.#client._tell({ type: 'leave-room', room: this.name });
    this.#end(new HubRefusedError('not-in-room', 'Not in room'));
  }

  /** Publishes: kept until the hub confirms it, once, in order. The second form is for a type of the application's. */
  publish(content: C['message'], options?: undefined): SendReceipt;
  publish<T extends (keyof Messages<C> & string) | 'message'>(type: T, content: T extends 'message' ? C['message'] : Messages<C>[T],
    options?: PublishOptions): SendReceipt;
  publish(first: unknown, second?: unknown, options?: PublishOptions): SendReceipt {
    const [type, content] = second === undefined ? ['message', first] : [first as string, second];
    if (!this.#isOwn) this.join();
    return this.#client._publish(this.name, type === 'message' ? { type, room: this.name, content, ...options }
      : { ...(content as object), type, room: this.name, ...options });
  }

  /** Sends what needs no keeping, such as that somebody is typing. False: there was no connection, and it is dropped. */
  send<T extends keyof Messages<C> & string>(type: T, content?: Messages<C>[T]): boolean {
    return this.isJoined && this.#client._tell({ ...(content as object), type, room: this.name });
  }

  /** Asks the hub's application. Rejects with a `HubRefusedError`, `HubTimeoutError` or `ConnectionLostError`. */
  ask<T extends keyof Requests<C> & string>(
    type: T, content?: Requests<C>[T]['request'], options?: { timeout?: number },
  ): Promise<Requests<C>[T]['reply']> {
    if (!this.#isOwn) this.join();
    return quiet(this.#client._request({ ...(content as object), type, room: this.name }, this, options?.timeout)
      .then(answer => answer.content));
  }

  /** Reads messages of the past. */
  async history(options: HistoryOptions = {}): Promise<RoomMessage<C['message']>[]> {
    const answer = await this.#client._request({ type: 'history', room: this.name, ...options }, this);
    return answer.messages;
  }

  get #isOwn() { return this.name[0] === '$'; }

  /** @internal The connection is there: joins, or joins again. */
  _connected(): void {
    if (!this._isWanted) return;
    this.#held = [];
    this.#joinId = this.#client._newId();
    const { history, state } = this._options;
    this.#client._tell({
      type: 'join-room', room: this.name, id: this.#joinId,
      ...(this.position && !state ? { recover: this.position } : history && { history }),
      ...(state && { state }),
    });
  }

  /** @internal The connection has ended. */
  _disconnected(): void {
    this.#client._clock.clearTimeout(this.#retry);
    this.#joined = this.#held = undefined;
    this.#hasPresence = false;
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
      this.#client._clock.setTimeout(() => {
        this.#events.emit('reset', { cause: 'server' });
        if (this._options.state && this.#joined) this._connected();
      }, this.#client._random() * ResetSpread);
    } else if (this.#held) {
      if (this.#held.push(message) > MaxHeld) this.#held.shift();
    } else this.#hand(message, true);
  }

  /** @internal The hub refused the join. False: it is not about that. */
  _refused(id: string, code: string, text: string, retryAfterMs?: number): boolean {
    if (id !== this.#joinId) return false;
    if (isForNow(code)) {
      const client = this.#client;
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
    const { epoch, offset, tag, recovered, messages, state, members } = answer;
    const before = this.position;
    const isSame = before?.epoch === epoch && before.offset === offset && before.tag === tag;
    const isReset = !!before && !isSame && !recovered && !this._options.state;
    this.#held = undefined;
    this.#joinId = '';
    this.#tries = 0;
    this.#joined = answer;
    this.#wasJoined = true;
    this.presence.connections = members;
    if (this._options.presence) this.#readPresence();
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
    this.#client._joined();
    for (const message of held) this.#hand(message, true);
  }

  /** Another tab has joined on this connection: what was on its way to this one may have come with the answer. */
  #catchUp({ messages, epoch, offset }: Wire): void {
    for (const message of messages) if (epoch === this.position?.epoch) this.#hand(message, true);
    if (this.position && (epoch !== this.position.epoch || offset > this.position.offset)) this._connected();
  }

  #hand(message: Wire, isLive: boolean): void {
    const { type, epoch, offset, tag } = message;
    if (offset !== undefined && epoch) {
      const before = this.position;
      if (before && before.epoch === epoch && offset <= before.offset) return;
      this.position = { epoch, offset, tag };
      if (isLive && before && (before.epoch !== epoch || offset !== before.offset + 1)) this.#events.emit('reset', { cause: 'gap' });
    } else if (type === 'user-joined' || type === 'user-left') this.presence.change(message);
    this.#events.emit(type, message, { userId: message.userId ?? message.from, username: message.username });
  }

  #readPresence(): void {
    this.#hasPresence = true;
    this.#client._request({ type: 'presence', room: this.name }, this).then(
      answer => this.presence.replace(answer.members as Member[]),
      // Told by no event: the next connection reads it again, and a room without presence has none.
      () => {},
    );
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
    this.#client._unwant(this, error);
  }
}
