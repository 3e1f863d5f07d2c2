const Capacity = 500;

/**
 * What this page has written and the hub has not confirmed yet. An entry is
 * `queued` (never handed to a socket), `sent` (handed over, no answer), `seen` (its publication came back, the ack has
 * not), or `failed` (refused; only the writer can decide). The ids stay the same on every try, so the hub can drop
 * repetitions.
 */
export class Outbox {
  #entries = new Map();
  #prefix;
  #counter = 0;

  constructor(prefix = crypto.getRandomValues(new Uint32Array(2)).join('-')) {
    this.#prefix = prefix;
  }

  /** The new entry, or null when too much is waiting already. */
  add(room, content) {
    if (this.#entries.size >= Capacity) return null;
    const id = `${this.#prefix}.${this.#counter++}`;
    const entry = { id, room, content, status: 'queued', writtenAt: Date.now() };
    this.#entries.set(id, entry);
    return entry;
  }

  get(id) { return this.#entries.get(id); }

  /** Done: acked, or given up by the writer. */
  settle(id) { this.#entries.delete(id); }

  /** What must go out when a room has been joined (again), in the order it was written. */
  due(room) { return [...this.#entries.values()].filter((entry) => entry.room === room && entry.status !== 'failed'); }

  inRoom(room) { return [...this.#entries.values()].filter((entry) => entry.room === room); }

  /** The entry that a publication of ours most likely is: the oldest one sent with this content. */
  match(room, content) {
    return this.inRoom(room).find((entry) => entry.status === 'sent' && entry.content === content);
  }

  /** The biggest entry under way: the one that a "too big" close was about. */
  biggestSent() {
    return [...this.#entries.values()].filter((entry) => entry.status === 'sent')
      .sort((a, b) => b.content.length - a.content.length)[0];
  }

  /** For a reload of the page. */
  save() { return { prefix: this.#prefix, counter: this.#counter, entries: [...this.#entries.values()] }; }

  static restore(saved) {
    const outbox = new Outbox(saved.prefix);
    outbox.#counter = saved.counter;
    // The clock that `sentAt` is of begins anew with each page.
    for (const { sentAt, ...entry } of saved.entries) outbox.#entries.set(entry.id, entry);
    return outbox;
  }
}
