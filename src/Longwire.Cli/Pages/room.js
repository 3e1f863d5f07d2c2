import { Transcript } from './transcript.js';

const ComingBackTogether = 15_000;

/** One room as this page knows it: where it stands in the room's history, who is there, what was not read. */
export class Room {
  transcript = new Transcript();
  members = new Map(); // userId → { userId, username }
  memberCount = 0;
  joined = false;
  epoch = null;
  offset = null;
  unread = 0;
  draft = '';
  scrollTop = null;
  hasEarlier = false;
  acked = []; // Confirmed messages of ours whose publication has not come yet: { id, offset, content }.
  #missed = { names: new Set(), until: 0 };

  constructor(name) {
    this.name = name;
  }

  /** The link is gone: nothing here is live until the room is joined again. */
  suspend() {
    if (!this.joined) return;
    this.joined = false;
    this.#missed.names = new Set([...this.members.values()].map((member) => member.username));
  }

  resume({ epoch, offset, members }) {
    this.joined = true;
    this.epoch = epoch ?? null;
    this.offset = offset ?? null;
    this.memberCount = members ?? this.memberCount;
    this.#missed.until = performance.now() + ComingBackTogether;
  }

  /** True for somebody who was here before the link broke: after a restart all come back, which is no news. */
  isReturning(username) {
    return performance.now() < this.#missed.until && this.#missed.names.delete(username);
  }

  /** Where to go on from; undefined when there is nothing to go on from. */
  get position() {
    return this.epoch === null || this.offset === null ? undefined : { epoch: this.epoch, offset: this.offset };
  }

  advance({ epoch, offset }) {
    if (!this.joined || offset === undefined) return;
    if (epoch !== undefined) this.epoch = epoch;
    if (this.offset === null || offset > this.offset) this.offset = offset;
  }
}
