import type { Connection, StateChange } from '../socket/connection.js';
import type { Data } from '../socket/waiting.js';

/** A tab's message to the leader. */
export type FromTab = { readonly tab: string } & (
  | { readonly kind: 'hello' | 'bye' | 'reconnect' | 'due' | 'look' }
  | { readonly kind: 'send'; readonly data: Data }
  | { readonly kind: 'fail'; readonly code: number; readonly reason: string });

/** The leader's message: to all tabs, or to one. */
export type FromLeader = { readonly to?: string } & (
  | { readonly kind: 'leader' }
  | { readonly kind: 'here' }
  | { readonly kind: 'state'; readonly change: StateChange; readonly connected?: string | undefined }
  | { readonly kind: 'message'; readonly data: string | ArrayBuffer });

const MaxReplies = 64;
// Registered for private use: the session lives on.
const NoGoodbye = 4000;

/** The one that has the real connection, and lends it to all tabs. */
export class Leader {
  #connection: Connection;
  #tell: (message: FromLeader) => void;
  /** The tabs, and the rooms that each has asked for: whether with presence. */
  #tabs = new Map<string, Map<string, boolean>>();
  /** The hub's first message, for tabs that come later. */
  #connected: string | undefined;
  #replied: string[] = [];
  #isOver = false;

  constructor(connection: Connection, tell: (message: FromLeader) => void) {
    this.#connection = connection;
    this.#tell = tell;
    connection.addEventListener('statechange', event => {
      if (this.#isOver) return;
      const { state, attempt, delay, reason } = event as Event & StateChange;
      if (state !== 'open') {
        this.#connected = undefined;
        for (const rooms of this.#tabs.values()) rooms.clear();
      }
      tell({ kind: 'state', change: { state, attempt, delay, reason } });
    });
    connection.addEventListener('message', event => {
      const { data } = event as MessageEvent<string | ArrayBuffer>;
      const type = typeof data === 'string' ? /^{"type":"(pong|connected)"/.exec(data)?.[1] : undefined;
      if (this.#isOver || type === 'pong') return;
      if (type) this.#connected = data as string;
      tell({ kind: 'message', data });
    });
    tell({ kind: 'leader' });
  }

  hear(message: FromTab): void {
    const { tab } = message;
    switch (message.kind) {
      case 'hello': return this.#welcome(tab);
      case 'bye': return this.#gone(tab);
      case 'send': return this.#send(tab, message.data);
      case 'fail': return this.#connection.fail(message.code, message.reason);
      case 'reconnect': return this.#connection.reconnect();
      case 'look':
        this.#tell({ kind: 'here', to: tab });
        // In a hidden page its own looks are a minute apart.
        return this.#connection._look(true);
      case 'due': if (this.#connection.state === 'reconnecting') this.#connection.reconnect();
    }
  }

  /** Gives up the lead. The session lives on, for the next leader or for this tab's return, unless this was the last tab. */
  end(isLeft: boolean): void {
    this.#isOver = true;
    this.#connection.close(isLeft && !this.#tabs.size ? 1000 : NoGoodbye);
  }

  #welcome(tab: string): void {
    if (!this.#tabs.has(tab)) {
      this.#tabs.set(tab, new Map());
      void navigator.locks.request(`longwire tab ${tab}`, () => this.#gone(tab));
    }
    const { state, change } = this.#connection;
    this.#tell({ kind: 'state', change, ...(state === 'open' && { connected: this.#connected }), to: tab });
  }

  #send(tab: string, data: Data): void {
    if (this.#connection.readyState !== 1) return;
    const text = typeof data === 'string' ? data : '', type = /^{"type":"(join-room|leave-room|reply)"/.exec(text)?.[1];
    if (type) {
      const { room, to, presence } = JSON.parse(text);
      const rooms = this.#tabs.get(tab);
      if (type === 'join-room') {
        rooms?.set(room, !!presence);
        // A join without presence ends the session's subscription, which another tab may need.
        if (!presence && this.#wants(room, presence => presence)) data = `{"presence":"changes",${text.slice(1)}`;
      } else if (type === 'leave-room') {
        rooms?.delete(room);
        if (this.#wants(room)) return;
      } else if (this.#replied.includes(to)) return;
      // All tabs hear a question; the first reply counts.
      else if (this.#replied.push(to) > MaxReplies) this.#replied.shift();
    }
    this.#connection.send(data);
  }

  #wants(room: string, how: (withPresence: boolean) => boolean = () => true): boolean {
    return [...this.#tabs.values()].some(rooms => rooms.has(room) && how(rooms.get(room)!));
  }

  #gone(tab: string): void {
    const rooms = this.#tabs.get(tab);
    if (!rooms || this.#isOver) return;
    this.#tabs.delete(tab);
    for (const room of rooms.keys()) {
      if (!this.#wants(room) && this.#connection.readyState === 1 && room[0] !== '$') {
        this.#connection.send(JSON.stringify({ type: 'leave-room', room }));
      }
    }
  }
}
