import type { Member } from '../hub/messages.js';
import type { HubRoom } from '../hub/room.js';
import { stateOf, type RoomState } from './room-state.js';

/** The users in a room: follows the hub's over all reconnects. */
export class RoomPresence {
  #state: RoomState;

  /** @internal */
  constructor(state: RoomState) {
    this.#state = state;
    state._followUsers();
  }

  /** The users in the room: a snapshot. While the first pages are read, users are missing. */
  get members(): Member[] { return Array.from(this.#state._users!._entries(), ([, member]) => member); }
  /** How many users are in the room, on all servers. */
  get users(): number { return this.#state._count; }
  /** How many sessions are in the room, on all servers. */
  get connections(): number { return this.#state._connections; }

  /** Listens for changes; the returned function stops that. */
  on(type: 'change', listener: (presence: RoomPresence) => unknown): () => void {
    const { _userListeners: listeners } = this.#state, tell = () => { if (type === 'change') listener(this); };
    listeners.add(tell);
    return () => void listeners.delete(tell);
  }

  /** Says something about the user to those in the room, where it allows that: any JSON of at most 4 KiB. */
  async update(metadata: unknown): Promise<void> {
    await this.#state._ask({ type: 'presence-update', metadata });
  }
}

/** The users in a room. They come with the join if this is called before it. */
export function presence(room: HubRoom<any>): RoomPresence {
  return new RoomPresence(stateOf(room));
}
