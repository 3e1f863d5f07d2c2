import { liveMap, presence } from '../vendor/longwire.js';
import { Transcript } from './transcript.js';

const ComingBackTogether = 15_000;
const TypingLasts = 5_000;

/** One room as this page knows it: its lines, who is there and who types, what was not read. */
export class Room {
  transcript = new Transcript();
  unread = 0;
  /** Where the newest message is: what else changes in a room has its place in the same order. */
  newest = null;
  draft = '';
  scrollTop = null;
  hasEarlier = false;
  /** Whether messages that come are live: while the room is being joined, they are of the past. */
  isLive = false;
  /** Publications of ours on their way: { id, content, offset }. */
  pending = [];
  #typing = new Map(); // username → when that ends
  #missed = { names: new Set(), until: 0 };

  /** @param hub The hub's room, which stays joined by itself. */
  constructor(hub) {
    this.hub = hub;
    this.presence = presence(hub);
    this.seen = liveMap(hub, 'seen/');
  }

  get name() { return this.hub.name; }

  get members() { return this.presence.members; }

  /** The connection is gone: nothing here is live until the room is joined again. */
  suspend() {
    if (!this.isLive) return;
    this.isLive = false;
    this.#typing.clear();
    this.#missed.names = new Set(this.members.map(({ username }) => username));
  }

  resume() {
    this.isLive = true;
    this.#missed.until = performance.now() + ComingBackTogether;
  }

  /** True for somebody who was here before the connection broke: after a restart all come back, which is no news. */
  isReturning(username) {
    return performance.now() < this.#missed.until && this.#missed.names.delete(username);
  }

  types(username, on) {
    if (on) this.#typing.set(username, performance.now() + TypingLasts);
    else this.#typing.delete(username);
  }

  /** The names of those who type now. */
  get typing() {
    const now = performance.now();
    return [...this.#typing].filter(([, until]) => until > now).map(([username]) => username);
  }

  /** Up to where each of the others has read. */
  readers(own) {
    return [...this.seen.items].filter(([userId]) => userId !== own)
      .map(([userId, { epoch, offset }]) => ({ epoch, offset, name: this.members.find((member) => member.userId === userId)?.username ?? userId }));
  }

  /** The publication of ours that a message is, where there is one. */
  claim({ offset, content }) {
    const text = fingerprint(content);
    const found = this.pending.find((entry) => entry.offset === offset)
      ?? this.pending.find((entry) => entry.offset === undefined && fingerprint(entry.content) === text);
    this.settle(found);
    return found;
  }

  settle(entry) {
    this.pending = this.pending.filter((other) => other !== entry);
  }
}

const fingerprint = (content) => content instanceof Uint8Array ? `bytes ${content}` : JSON.stringify(content);
