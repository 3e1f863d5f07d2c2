import type { JoinedRoom, Member, RoomPosition, Wire } from '../hub/messages.js';
import type { HubRoom, RoomPart } from '../hub/room.js';
import { Replica } from './replica.js';

/** A change of a room's map. */
export interface MapChange {
  /** The key, without the view's prefix; undefined when all of the map may be another, after a whole one was read. */
  readonly key?: string;
  readonly isRemoved: boolean;
}

// After a loss in the hub its clients come back for presence spread over this time.
const ResetSpread = 5_000;

/** The state that a room keeps beside its messages, as far as somebody has asked for it: follows the hub's over reconnects. */
export class RoomState implements RoomPart {
  _map: Replica<any> | undefined;
  _users: Replica<Member> | undefined;
  /** Sessions and users in the room, by the hub's count. */
  _connections = 0;
  _count = 0;
  _read = 0;
  _unread = 0;
  readonly _mapListeners = new Set<(change: MapChange) => void>();
  readonly _userListeners = new Set<() => void>();
  readonly _markListeners = new Set<() => void>();
  #room: HubRoom;
  /** Up to where the hub has counted; undefined in a room without markers. */
  #counted: RoomPosition | undefined;
  #hasAskedForUsers = false;
  #isToJoin = false;

  constructor(room: HubRoom) {
    this.#room = room;
    this.#joinAgain();
    room.on('reset', ({ cause }) => {
      if (cause !== 'server' || !this._map) return;
      this._map._reset();
      this.#readOn();
    });
  }

  /** Follows the map from now on. A room that is joined already is read from the beginning. */
  _followMap(): Replica<any> {
    if (!this._map) {
      this._map = new Replica();
      this.#readOn();
    }
    return this._map;
  }

  /** Follows the users from now on. */
  _followUsers(): Replica<Member> {
    if (!this._users) {
      this._users = new Replica();
      this.#joinAgain();
    }
    return this._users;
  }

  /** Asks the hub; asked again after a reconnect with the same id, which the hub carries out once. */
  async _ask(message: object): Promise<Wire> {
    const room = this.#room, client = room._client, id = client._newId(), end = client._clock.now() + client._timeout;
    if (room.name[0] !== '$') void room.join();
    for (;;) {
      try {
        return await client._request({ ...message, room: room.name }, room, Math.max(0, end - client._clock.now()), id);
      } catch (error) {
        if ((error as Error).name !== 'ConnectionLostError' || client._isClosed) throw error;
      }
    }
  }

  /** Reads what of the map changed behind a version. */
  _readMap(after: number): Promise<void> {
    const map = this._map!;
    return map._page(() => this._ask({ type: 'map-read', after }), ({ entries }) => this.#takeEntries(entries));
  }

  _takeRead({ offset, unread }: { offset: number; unread: number }): void {
    if (offset === this._read && unread === this._unread) return;
    this._read = offset;
    this._unread = unread;
    tellAll(this._markListeners);
  }

  _join(): object {
    const users = this._users;
    this.#hasAskedForUsers = !!users;
    return {
      ...(this._map && { map: true }),
      ...(users && { presence: 'changes', ...(users._next === undefined && users._version && { version: users._version }) }),
    };
  }

  _take(message: Wire): void {
    const { type, epoch, offset } = message;
    switch (type) {
      case 'joined-room': return this.#joined(message as Wire & JoinedRoom);
      case 'map-changed': return this.#takeEntry(message, true);
      case 'presence-changed': return this.#takeUsers(message, message.joined);
      case 'presence-reset':
        this._users?._reset();
        return this.#readLater();
      // Of another device; of another tab on this connection.
      case 'read': return this._takeRead(message as never);
      case 'ack': return message.unread === undefined ? undefined : this._takeRead(message as never);
    }
    const counted = this.#counted;
    if (!epoch || !counted || (epoch === counted.epoch && offset <= counted.offset)) return;
    this.#counted = { epoch, offset };
    const isOwn = (message.userId ?? message.from) === this.#room._client.userId;
    this._takeRead(isOwn ? { offset, unread: 0 } : { offset: this._read, unread: this._unread + 1 });
  }

  #readLater(): void {
    const { _clock: clock, _random: random } = this.#room._client;
    clock.setTimeout(() => this.#readOn(), random() * ResetSpread);
  }

  /** A room that is joined already is joined again, after the running task: the answer has what is asked for since. */
  #joinAgain(): void {
    const room = this.#room;
    if (this.#isToJoin || !room.isJoined) return;
    this.#isToJoin = true;
    queueMicrotask(() => {
      this.#isToJoin = false;
      if (room.isJoined) room._connected();
    });
  }

  #joined({ map, presence, read, unread, epoch, offset }: Wire & JoinedRoom): void {
    // The hub may have forgotten removed keys by the time that the rest of what changed is read.
    if (this._map?._isPart) this._map._reset();
    if (map && this._map) {
      if (map.whole) this._map._reset();
      this.#takeEntries(map.entries);
      this._map._end(map.next, map.whole);
      this.#tellMap();
    }
    if (presence && this._users) {
      if (presence.whole) this._users._reset();
      this.#takeUsers(presence, presence.joined, presence.whole);
    }
    if (read !== undefined) {
      this.#counted = { epoch, offset };
      this._takeRead({ offset: read, unread: unread! });
    }
    // The users were asked for while the join was under way.
    if (this._users && !this.#hasAskedForUsers) this.#joinAgain();
    queueMicrotask(() => this.#readOn());
  }

  /** Reads the pages that are missing. */
  #readOn(): void {
    void this.#readPages(this._map, 'map-read', page => {
      this.#takeEntries(page.entries);
      this._map!._end(page.next, true);
    }, () => this.#tellMap());
    void this.#readPages(this._users, 'presence', page => this.#takeUsers(page, page.members, true), () => this.#tellUsers());
  }

  async #readPages<T>(replica: Replica<T> | undefined, type: string, take: (page: Wire) => void, tell: () => void): Promise<void> {
    if (!replica || replica._isReading || replica._next === undefined || (type === 'presence' && !this.#hasAskedForUsers)) return;
    replica._isReading = true;
    const room = this.#room;
    try {
      while (replica._next !== undefined && room.isJoined) {
        const after = replica._next;
        await replica._page(() => room._client._request({ type, room: room.name, after }, room), take);
      }
    } catch {
      // The connection or the room was lost meanwhile, and the next join goes on from here; or the room has none.
    }
    replica._isReading = false;
    if (replica._next === undefined) tell();
  }

  #takeEntries(entries: Wire[]): void {
    for (const entry of entries) this.#takeEntry(entry, false);
  }

  #takeEntry({ key, value, version, removed }: Wire, isTold: boolean): void {
    if (this._map?._take(key, removed ? undefined : value, version) && isTold) this.#tellMap({ key, isRemoved: !!removed });
  }

  #takeUsers(page: Omit<Wire, 'type'>, there: (Member & { version: number })[], isWhole = false): void {
    const { version, left = [], members, connections = members, users, next } = page;
    const replica = this._users;
    if (!replica) return;
    for (const user of there) replica._take(user.userId, user, user.version);
    for (const { userId, version: at } of left) replica._take(userId, undefined, at);
    this._connections = connections;
    this._count = users;
    replica._version = Math.max(replica._version, version);
    replica._end(next, isWhole);
    this.#tellUsers();
  }

  #tellUsers(): void {
    tellAll(this._userListeners);
  }

  #tellMap(change: MapChange = { isRemoved: false }): void {
    tellAll(this._mapListeners, change);
  }
}

/** Tells listeners. One that throws is reported and disturbs nobody. */
function tellAll<V extends unknown[]>(listeners: Iterable<(...values: V) => void>, ...values: V): void {
  for (const listener of [...listeners]) {
    try {
      listener(...values);
    } catch (error) {
      (globalThis.reportError ?? console.error)(error);
    }
  }
}

const states = /* @__PURE__ */ new WeakMap<HubRoom, RoomState>();

/** The state of a room: always the same. */
export function stateOf(room: HubRoom): RoomState {
  let state = states.get(room);
  if (!state) {
    states.set(room, (state = new RoomState(room)));
    room._part = state;
  }
  return state;
}
