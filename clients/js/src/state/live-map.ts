import type { MapsOf, RoomContract } from '../hub/messages.js';
import type { HubRoom } from '../hub/room.js';
import type { Replica } from './replica.js';
import { stateOf, type MapChange, type RoomState } from './room-state.js';

/** The conditions of a change of a map. */
export interface MapPutOptions {
  /** Only where the key is not there. Default: false. */
  ifNew?: boolean;
  /** Only while the key has this version; 0: is not there. Default: whatever it has. */
  ifVersion?: number;
  /** After how long the hub removes the key, unless it is put again before, in milliseconds. Default: never. */
  ttlMs?: number;
}

const MaxAttempts = 32;

/**
 * A typed view of a room's live map: the keys that begin with its prefix, which is left out of the keys given here. It is a copy that
 * follows the hub's over all reconnects.
 */
export class LiveMap<T = any> {
  #state: RoomState;
  #replica: Replica<T>;
  #prefix: string;

  /** @internal */
  constructor(state: RoomState, prefix: string) {
    this.#state = state;
    this.#replica = state._followMap();
    this.#prefix = prefix;
  }

  /** Whether the client has all of the map: while it reads the first pages, keys are missing. */
  get isComplete(): boolean { return this.#replica._next === undefined; }

  /** The keys and values now: a snapshot, in the order of their last changes. */
  get items(): Map<string, T> {
    const items = new Map<string, T>();
    for (const [key, value] of this.#replica._entries()) {
      if (key.startsWith(this.#prefix)) items.set(key.slice(this.#prefix.length), value);
    }
    return items;
  }

  /** A key's value and version; undefined when it is not there, or not yet. */
  find(key: string): { readonly value: T; readonly version: number } | undefined {
    return this.#replica._find(this.#prefix + key);
  }

  /** A key's value; undefined when it is not there, or not yet. */
  get(key: string): T | undefined { return this.find(key)?.value; }

  /** Listens for changes, in the order of the room's messages; the returned function stops that. */
  on(type: 'change', listener: (change: MapChange) => unknown): () => void {
    const { _mapListeners: listeners } = this.#state, prefix = this.#prefix;
    const tell = (change: MapChange) => {
      if (type !== 'change') return;
      if (change.key === undefined) listener(change);
      else if (change.key.startsWith(prefix)) listener({ ...change, key: change.key.slice(prefix.length) });
    };
    listeners.add(tell);
    return () => void listeners.delete(tell);
  }

  /** Puts a key, once, and gives its new version. Rejects with a `HubRefusedError`; `conflict`: a condition does not hold. */
  async put(key: string, value: T, options?: MapPutOptions): Promise<number> {
    return (await this.#state._ask({ ...options, type: 'map-put', key: this.#prefix + key, value })).version;
  }

  /**
   * Puts what the function makes of the newest value, if nobody was faster; else it begins again, 32 times at most. Gives the new version;
   * undefined when the key is not there.
   */
  async update(key: string, change: (value: T) => T): Promise<number | undefined> {
    for (let attempt = 1; ; attempt++) {
      const known = this.find(key);
      if (!known) return undefined;
      try {
        return await this.put(key, change(known.value), { ifVersion: known.version });
      } catch (error) {
        if ((error as { code?: string }).code !== 'conflict' || attempt === MaxAttempts) throw error;
        // Another client has put a newer value, which may not have come yet: the changes behind the known version are asked for.
        await this.#state._readMap(known.version);
      }
    }
  }

  /** Removes a key, once. One that is not there stays so. */
  async remove(key: string, options?: Pick<MapPutOptions, 'ifVersion'>): Promise<void> {
    await this.#state._ask({ ...options, type: 'map-remove', key: this.#prefix + key });
  }
}

/**
 * The live map of a room, or a part of it. Called before the room is joined, the map comes with the join. The type of the values is the
 * contract's for the prefix; where there is none it is given, as in `liveMap<Card>(room, 'card/')`.
 */
export function liveMap<T = never, C extends RoomContract = any, P extends keyof MapsOf<C> & string = keyof MapsOf<C> & string>(
  room: HubRoom<C>, prefix?: P,
): LiveMap<[T] extends [never] ? MapsOf<C>[P] : T> {
  return new LiveMap(stateOf(room), prefix ?? '');
}
