import type { Wire } from '../hub/messages.js';
import type { TestRoom } from './test-room.js';
import type { TestSocket } from './test-socket.js';

/** The map, the users and the read markers of a room of a `TestHub`. */
export class TestState {
  readonly map = new Map<string, { value: unknown; version: number }>();
  /** Up to where each user has read. */
  readonly read = new Map<string, number>();
  /** The connections that are told who comes and goes. */
  readonly watchers = new Set<TestSocket>();
  readonly #room: TestRoom;
  readonly #metadata = new Map<string, unknown>();
  readonly #versions = new Map<string, number>();
  #version = 0;

  constructor(room: TestRoom) {
    this.#room = room;
  }

  /** Puts a key, or removes it, where the conditions of a request hold; gives the error or the ack. */
  change({ type, key, value, ifNew, ifVersion }: Wire): Wire {
    const version = this.map.get(key)?.version ?? 0;
    if ((ifNew && version) || (ifVersion !== undefined && ifVersion !== version)) {
      return { type: 'error', code: 'conflict', message: 'The key has another version', version };
    }
    const isPut = type === 'map-put';
    if (!isPut && !version) return { type: 'ack', version: 0 };
    const { offset } = this.#room.publish(
      { key, ...(isPut ? { value } : { removed: true }), version: this.#room.offset + 1 }, undefined, 'map-changed');
    if (isPut) this.map.set(key, { value, version: offset });
    else this.map.delete(key);
    return { type: 'ack', version: offset };
  }

  /** The whole map, in one page. */
  entries(): object[] {
    return [...this.map].map(([key, entry]) => ({ key, ...entry })).sort((one, other) => one.version - other.version);
  }

  /** The room's members, in one page. */
  users(): (Wire & { userId: string })[] {
    const users = new Map<string, any>();
    for (const { userId, username } of this.#room.members.values()) {
      const connections = (users.get(userId)?.connections ?? 0) + 1, version = this.#versions.get(userId) ?? 0;
      users.set(userId, { userId, username, connections, metadata: this.#metadata.get(userId) ?? {}, version });
    }
    return [...users.values()];
  }

  /** How many are there, as every message about presence says. */
  counts(): { version: number; connections: number; users: number } {
    return { version: this.#version, connections: this.#room.members.size, users: this.users().length };
  }

  /** A user has come, gone, or said something about itself. */
  touch(userId: string, metadata?: unknown): void {
    if (metadata !== undefined) this.#metadata.set(userId, metadata);
    this.#versions.set(userId, ++this.#version);
    const { connections: members, version, users } = this.counts(), joined = this.users().filter(user => user.userId === userId);
    this.#room.send({ type: 'presence-changed', version, joined, left: joined.length ? [] : [{ userId, version }], members, users },
      undefined, this.watchers);
  }

  /** How many messages a user has not read. */
  marker(userId: string): { read: number; unread: number } {
    const read = this.read.get(userId) ?? 0;
    return { read, unread: this.#room.messages.filter(({ type, offset }) => type !== 'map-changed' && offset > read).length };
  }
}
