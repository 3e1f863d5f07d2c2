import { createContext, createElement, useContext, useEffect, useSyncExternalStore, type ReactNode } from 'react';
import type { ConnectionState } from '../socket/connection.js';
import type { HubClient } from '../hub/client.js';
import type { Member, RoomMessage } from '../hub/messages.js';
import type { HubRoom, RoomOptions } from '../hub/room.js';

/** A room as a component shows it. */
export interface RoomView<T = any> {
  /** The newest messages, the oldest of them first: 1,000 at most. */
  readonly messages: readonly RoomMessage<T>[];
  readonly publish: HubRoom['publish'];
  readonly room: HubRoom;
}

interface Store {
  view: RoomView;
  presence: { members: Member[]; users: number; connections: number };
  holders: number;
  /** Follows the room's users, from the first call on. */
  follow(): Promise<void>;
  subscribe(listener: () => void): () => void;
}

const MaxMessages = 1_000;
const Context = /* @__PURE__ */ createContext<HubClient | undefined>(undefined);
const stores = /* @__PURE__ */ new WeakMap<HubRoom, Store>();

/** Gives the components below a client, and starts it. */
export function HubProvider({ client, children }: { client: HubClient; children?: ReactNode }) {
  useEffect(() => client.connect(), [client]);
  return createElement(Context.Provider, { value: client }, children);
}

/** The client of the provider above. */
export function useHub(): HubClient {
  const client = useContext(Context);
  if (!client) throw new Error('Put <HubProvider client={…}> above.');
  return client;
}

function storeOf(room: HubRoom): Store {
  let store = stores.get(room);
  if (!store) {
    const listeners = new Set<() => void>();
    const changed = () => listeners.forEach(listener => listener());
    const show = (messages: RoomMessage[]) => {
      created.view = { ...created.view, messages };
      changed();
    };
    const created: Store = store = {
      view: { messages: [], publish: room.publish.bind(room) as HubRoom['publish'], room },
      presence: { members: [], users: 0, connections: 0 },
      holders: 0,
      async follow() {
        created.follow = async () => {};
        const { presence } = await import('../state/index.js');
        const present = presence(room), show = () => {
          const { members, users, connections } = present;
          created.presence = { members, users, connections };
          changed();
        };
        present.on('change', show);
        show();
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    room.on('message', message => show([...created.view.messages, message].slice(-MaxMessages)));
    room.on('reset', ({ cause }) => cause === 'gap' || show([]));
    room.on('left', () => show([]));
    stores.set(room, store);
  }
  return store;
}

/** Joins for as long as a component shows the room. Shown again within the task, as StrictMode does, it stays joined. */
function useHeld(name: string, options?: RoomOptions): Store {
  const client = useHub(), room = client.room(name), store = storeOf(room);
  useEffect(() => {
    client.room(name, options);
    store.holders++;
    void room.join();
    return () => {
      store.holders--;
      setTimeout(() => store.holders || room.leave());
    };
  }, [room]);
  return store;
}

/** A room's messages, and how to publish. Options count for the first component that shows the room. */
export function useRoom<T = any>(name: string, options?: RoomOptions): RoomView<T> {
  const store = useHeld(name, options), get = () => store.view;
  return useSyncExternalStore(store.subscribe, get, get);
}

/** The users in a room. */
export function usePresence(name: string): Store['presence'] {
  const store = useHeld(name), get = () => store.presence;
  useEffect(() => void store.follow(), [store]);
  return useSyncExternalStore(store.subscribe, get, get);
}

/** Where the connection is: `'open'`, `'reconnecting'` … */
export function useConnectionState(): ConnectionState {
  const client = useHub(), get = () => client.state;
  return useSyncExternalStore(listener => client.on('state', listener), get, get);
}
