import { Emitter } from './emitter.js';
import type { Member, Wire } from './messages.js';

/** The users in a room. Kept up to date where the room was asked for with `presence: true`. */
export class RoomPresence {
  /** How many sessions are in the room, on all servers. */
  connections = 0;
  #members = new Map<string, Member>();
  #events = new Emitter();

  /** The users in the room. */
  get members(): Member[] { return [...this.#members.values()]; }
  /** How many users are in the room. */
  get users(): number { return this.#members.size; }

  /** Listens for changes; the returned function stops that. */
  on(type: 'change', listener: (presence: RoomPresence) => unknown): () => void {
    return this.#events.on(type, listener);
  }

  /** @internal */
  replace(members: Member[]): void {
    this.#members = new Map(members.map(member => [member.userId, member]));
    this.#events.emit('change', this);
  }

  /** @internal Somebody has come or gone. */
  change({ type, userId, username, members }: Wire): void {
    this.connections = members;
    if (type === 'user-left') this.#members.delete(userId);
    else this.#members.set(userId, { metadata: {}, ...this.#members.get(userId), userId, username });
    this.#events.emit('change', this);
  }
}
