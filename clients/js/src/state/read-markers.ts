import type { RoomPosition } from '../hub/messages.js';
import type { HubRoom } from '../hub/room.js';
import { stateOf, type RoomState } from './room-state.js';

/** Up to where the user has read in a room, on all devices. Stays at 0 in a room that keeps no markers. */
export class ReadMarkers {
  #state: RoomState;
  #room: HubRoom;

  /** @internal */
  constructor(state: RoomState, room: HubRoom) {
    this.#state = state;
    this.#room = room;
  }

  /** The offset up to which the user has read; 0 for nothing. */
  get offset(): number { return this.#state._read; }
  /** How many messages there are behind it. */
  get unread(): number { return this.#state._unread; }

  /** Listens for changes; the returned function stops that. */
  on(type: 'change', listener: (markers: ReadMarkers) => unknown): () => void {
    const { _markListeners: listeners } = this.#state, tell = () => { if (type === 'change') listener(this); };
    listeners.add(tell);
    return () => void listeners.delete(tell);
  }

  /** Takes everything up to a position for read; without one, all that was handed over. */
  async markRead(position: RoomPosition | undefined = this.#room.position): Promise<void> {
    if (!position) return;
    const { epoch, offset } = position;
    this.#state._takeRead(await this.#state._ask({ type: 'read', epoch, offset }) as never);
  }
}

/** The read markers of a room. Called before the room is joined, they come with the join. */
export function readMarkers(room: HubRoom<any>): ReadMarkers {
  return new ReadMarkers(stateOf(room), room);
}
