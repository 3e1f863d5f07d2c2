import { Outbox } from './outbox.js';

const AckTimeout = 10_000;
const ResendCheck = 5_000;
const HoldWhenUnavailable = 3_000;
const MessageTooBig = 1009;
const utf8 = new TextEncoder();

/**
 * Sees to it that each message written reaches its room once: sends, sends again after a loss or a silence under the
 * same id, holds back when the hub asks for it, and matches what comes back with what is pending on the page.
 */
export class Delivery {
  #link;
  #rooms;
  #outbox;
  #heldUntil = 0;
  #resending = 0;

  /** Whether the hub knows this session, and with it the ids it has seen. */
  resumed = false;

  constructor(link, rooms, saved) {
    this.#link = link;
    this.#rooms = rooms;
    this.#outbox = saved ? Outbox.restore(saved) : new Outbox();
  }

  start() { this.#resending = setInterval(() => this.#resendUnanswered(), ResendCheck); }

  stop() { clearInterval(this.#resending); }

  save() { return this.#outbox.save(); }

  /** False when too much is waiting already. */
  say(room, content, self) {
    const entry = this.#outbox.add(room.name, content);
    if (!entry) return false;
    this.#showPending(room, entry, self);
    this.#transmit(entry);
    return true;
  }

  /** Puts what is waiting for a room on its page: after a reload. */
  show(room, self) {
    for (const entry of this.#outbox.inRoom(room.name)) this.#showPending(room, entry, self);
  }

  forget(room) {
    for (const entry of this.#outbox.inRoom(room.name)) this.#outbox.settle(entry.id);
  }

  /** Sends what is due again; in a new session, what came back already counts as delivered. */
  flush(room) {
    for (const entry of this.#outbox.due(room.name)) {
      if (entry.status === 'seen' && !this.resumed) this.#outbox.settle(entry.id);
      else this.#transmit(entry);
    }
  }

  lost(code) {
    for (const room of this.#rooms.values()) {
      for (const entry of this.#outbox.due(room.name)) room.transcript.setStatus(entry.id, 'queued');
    }
    const tooBig = code === MessageTooBig && this.#outbox.biggestSent();
    if (tooBig) this.#fail(tooBig, 'too big for this server');
  }

  /** Which of the pending lines a publication of ours is: the acked one with its offset, or one still without an ack. */
  claim(room, message) {
    const acked = room.acked.findIndex((entry) => entry.offset === undefined
      ? entry.content === message.message
      : entry.offset === message.offset);
    if (acked >= 0) return room.acked.splice(acked, 1)[0].id;
    const entry = this.#outbox.match(room.name, message.message);
    if (!entry) return null;
    entry.status = 'seen';
    return entry.id;
  }

  acked({ id, offset }) {
    const entry = this.#outbox.get(id);
    if (!entry) return;
    this.#outbox.settle(id);
    const room = this.#rooms.get(entry.room);
    if (!room) return;
    if (entry.status === 'seen' || room.transcript.hasPublished(room.epoch, offset)) {
      room.transcript.dropPending(id);
      return;
    }
    room.transcript.setStatus(id, 'acked');
    room.acked.push({ id, offset: offset || undefined, content: entry.content });
  }

  /** Takes an error; returns the room that has to be joined again before its messages can go. */
  refused({ id, code, message, retryAfterMs }) {
    if (code === 'rate-limited') this.#hold(retryAfterMs > 0 ? retryAfterMs : HoldWhenUnavailable);
    const entry = this.#outbox.get(id) ?? (code === 'too-large' && !id ? this.#outbox.biggestSent() : undefined);
    const room = this.#rooms.get(entry?.room);
    if (!room) return null;
    switch (code) {
      case 'unavailable':
        this.#hold(HoldWhenUnavailable);
        break;
      case 'rate-limited':
      case 'unauthenticated':
        break;
      case 'not-in-room':
      case 'unknown-room':
        this.#requeue(room, entry);
        if (!room.joined) return null;
        room.joined = false;
        return room;
      default:
        this.#fail(entry, message || code);
        return null;
    }
    this.#requeue(room, entry);
    return null;
  }

  #showPending(room, entry, { name, author }) {
    room.transcript.addPending(entry, name, author, {
      onRetry: () => {
        entry.status = 'queued';
        this.#transmit(entry);
      },
      onDiscard: () => {
        this.#outbox.settle(entry.id);
        room.transcript.dropPending(entry.id);
      },
    });
  }

  #transmit(entry) {
    const room = this.#rooms.get(entry.room);
    if (!room) return;
    const request = { type: 'message', room: entry.room, content: entry.content, id: entry.id };
    if (utf8.encode(JSON.stringify(request)).length > this.#link.maxMessageBytes) {
      this.#fail(entry, 'too big for this server');
      return;
    }
    const sent = room.joined && performance.now() >= this.#heldUntil && this.#link.send(request);
    if (sent) {
      entry.sentAt = performance.now();
      if (entry.status === 'queued') entry.status = 'sent';
    }
    room.transcript.setStatus(entry.id, sent ? 'sent' : 'queued');
  }

  #resendUnanswered() {
    if (this.#link.state !== 'online') return;
    for (const room of this.#rooms.values()) {
      for (const entry of this.#outbox.due(room.name)) {
        if (room.joined && performance.now() - (entry.sentAt ?? -Infinity) > AckTimeout) this.#transmit(entry);
      }
    }
  }

  /** Waits with everything that is due, so that the order stays. */
  #hold(milliseconds) {
    this.#heldUntil = performance.now() + milliseconds;
    setTimeout(() => {
      for (const room of this.#rooms.values()) {
        for (const entry of this.#outbox.due(room.name)) if (entry.status === 'queued') this.#transmit(entry);
      }
    }, milliseconds + 1);
  }

  #requeue(room, entry) {
    entry.status = 'queued';
    room.transcript.setStatus(entry.id, 'queued');
  }

  #fail(entry, problem) {
    entry.status = 'failed';
    entry.problem = problem;
    this.#rooms.get(entry.room)?.transcript.setStatus(entry.id, 'failed', problem);
  }
}
