import { Delivery } from './delivery.js';
import { Link } from './link.js';
import { Room } from './room.js';

const HistoryLength = 50;
const PresenceDelay = 1_000;
const JoinAgainAfter = 3_000;
const SignIn = 'sign-in';

/**
 * The user's side of the hub protocol, without a page: who we are, the rooms, what was said, what is still to be said.
 * Events: `state` (the link), `rooms` (which rooms, which is current, unread), `members`, and `line` with
 * `{ room, own }` for each new line.
 */
export class Conversation extends EventTarget {
  #token;
  #ownIds = new Set();
  #delivery;
  #presenceDue = new Map();
  #joining = new Map(); // id of a join-room request → room
  #joins = 0;

  rooms = new Map();
  current = null;
  /** False while the reader looks elsewhere: then the current room collects unread messages too. */
  attentive = true;

  constructor({ address, token, name, session = null, outbox = null }) {
    super();
    this.#token = token;
    this.name = name;
    this.link = new Link(address);
    this.link.session = session;
    this.#delivery = new Delivery(this.link, this.rooms, outbox);
    this.link.addEventListener('state', () => this.#emit('state'));
    this.link.addEventListener('open', () => this.#authenticate());
    this.link.addEventListener('message', (event) => this.#receive(event.detail));
    this.link.addEventListener('closed', (event) => this.#lost(event.detail));
  }

  start() {
    this.#delivery.start();
    this.link.connect();
  }

  stop() {
    this.#delivery.stop();
    this.link.close();
  }

  /** Comes back with another token, after a refusal. */
  useToken(token) {
    this.#token = token;
    this.link.connect();
  }

  /** What the page keeps over a reload. */
  save() {
    return { name: this.name, rooms: [...this.rooms.keys()], current: this.current?.name, session: this.link.session, outbox: this.#delivery.save() };
  }

  get #self() {
    return { name: this.name, author: this.#ownIds.values().next().value ?? 'self' };
  }

  get unread() {
    let sum = 0;
    for (const room of this.rooms.values()) sum += room.unread;
    return sum;
  }

  /** Joins a room, or just returns it. */
  open(name) {
    let room = this.rooms.get(name);
    if (room) return room;
    room = new Room(name);
    this.rooms.set(name, room);
    this.#delivery.show(room, this.#self);
    if (this.link.state === 'online') this.#join(room);
    this.#emit('rooms');
    return room;
  }

  select(room) {
    this.current?.transcript.clearUnread();
    this.current = room;
    if (this.attentive) room.unread = 0;
    this.#emit('rooms');
    this.#emit('members');
  }

  leave(room) {
    this.rooms.delete(room.name);
    this.#delivery.forget(room);
    this.link.send({ type: 'leave-room', room: room.name });
    if (this.current === room) this.current = null;
    this.#emit('rooms');
  }

  /** False when too much is waiting already. */
  say(room, content) {
    if (!this.#delivery.say(room, content, this.#self)) return false;
    room.transcript.clearUnread();
    this.#emit('line', { room, own: true });
    return true;
  }

  /** False while there is no link to ask. */
  requestEarlier(room) {
    return room.joined && this.link.send({ type: 'history', room: room.name, before: room.transcript.oldestOffset, limit: HistoryLength });
  }

  markRead() {
    if (!this.current?.unread) return;
    this.current.unread = 0;
    this.#emit('rooms');
  }

  // The link

  #authenticate() {
    this.link.send({ type: 'auth', token: this.#token, username: this.name, id: SignIn });
  }

  #lost({ code }) {
    this.#joining.clear();
    for (const room of this.rooms.values()) room.suspend();
    this.#delivery.lost(code);
  }

  #receive(data) {
    const room = typeof data.room === 'string' ? this.rooms.get(data.room) : undefined;
    switch (data.type) {
      case 'connected': return this.#connected(data);
      case 'auth-success': return this.#authenticated(data);
      case 'joined-room': return room && this.#joined(room, data);
      case 'user-joined': return room && this.#userJoined(room, data);
      case 'user-left': return room && this.#userLeft(room, data);
      case 'presence': return room && this.#present(room, data.members);
      case 'message': return room && this.#published(room, data);
      case 'history': return room && this.#earlier(room, data);
      case 'ack': return this.#delivery.acked(data);
      case 'chat': return this.#aside(data, data.userId, 'to everyone');
      case 'direct': return this.#aside(data, data.from, 'to you only');
      case 'notification': return this.#notify([data.title, data.message].filter(Boolean).join(': '), 'notification');
      case 'error': return this.#refused(data);
      default: return undefined;
    }
  }

  #connected({ clientId, resumed }) {
    this.#delivery.resumed = resumed === true;
    if (clientId) this.#ownIds.add(clientId);
  }

  #authenticated({ userId, username }) {
    if (userId) this.#ownIds.add(userId);
    if (username) this.name = username;
    if (this.link.state === 'online') return; // The token was renewed in place.
    this.link.established();
    for (const room of this.rooms.values()) this.#join(room);
  }

  // Rooms

  #join(room) {
    const id = `join-${++this.#joins}`; // Not the room's name: an id has 64 characters at most.
    this.#joining.set(id, room);
    const request = { type: 'join-room', room: room.name, id, history: HistoryLength };
    if (room.position) request.recover = room.position;
    this.link.send(request);
  }

  #joined(room, data) {
    this.#joining.delete(data.id);
    const cameBack = room.position !== undefined;
    room.transcript.quietly(() => {
      if (cameBack && data.recovered === false) room.transcript.notice('Back again. Some messages from in between may be missing.', 'gap');
      for (const message of data.messages ?? []) this.#published(room, { ...message, epoch: message.epoch ?? data.epoch });
    });
    room.resume(data);
    room.hasEarlier = room.transcript.oldestOffset > 1;
    this.#delivery.flush(room);
    this.#requestPresence(room);
    this.#emit('line', { room, own: false, arrived: true });
    this.#emit('rooms');
  }

  #userJoined(room, { userId, username, members }) {
    room.memberCount = members ?? room.memberCount;
    const known = room.members.has(userId);
    room.members.set(userId, { userId, username });
    this.#presenceSoon(room);
    this.#emit('members');
    if (known || this.#ownIds.has(userId) || room.isReturning(username)) return;
    room.transcript.notice(`${username || 'Somebody'} joined`);
    this.#lineAdded(room);
  }

  #userLeft(room, { userId, username, members }) {
    room.memberCount = members ?? room.memberCount;
    this.#presenceSoon(room);
    if (this.#ownIds.has(userId)) return; // Another tab of ours: we are still here.
    const name = username || room.members.get(userId)?.username || 'Somebody';
    room.members.delete(userId);
    this.#emit('members');
    room.transcript.notice(`${name} left`);
    this.#lineAdded(room);
  }

  #present(room, members) {
    if (!Array.isArray(members)) return;
    room.members = new Map(members.map((member) => [member.userId, member]));
    room.memberCount = members.length;
    this.#emit('members');
  }

  #requestPresence(room) {
    this.link.send({ type: 'presence', room: room.name });
  }

  /** Comings and goings are counted as they are told; now and then the whole list is asked for, to stay true. */
  #presenceSoon(room) {
    if (this.#presenceDue.has(room.name)) return;
    this.#presenceDue.set(room.name, setTimeout(() => {
      this.#presenceDue.delete(room.name);
      if (room.joined) this.#requestPresence(room);
    }, PresenceDelay));
  }

  // Messages

  #published(room, data) {
    const message = {
      epoch: data.epoch ?? room.epoch,
      offset: data.offset || undefined, // A room without history has no offsets.
      username: data.username,
      message: data.message,
      timestamp: Number.isFinite(data.timestamp) ? data.timestamp : Date.now(),
    };
    const own = this.#ownIds.has(data.userId);
    const pendingId = own ? this.#delivery.claim(room, message) : null;
    const unseen = !own && room.joined && !(this.attentive && room === this.current);
    if (unseen && !room.transcript.hasPublished(message.epoch, message.offset)) room.transcript.markUnread();
    const isNew = room.transcript.publish(message, { own, author: data.userId, pendingId });
    room.advance(message);
    if (!isNew || !room.joined) return;
    if (unseen) {
      room.unread += 1;
      this.#emit('rooms');
    }
    this.#lineAdded(room, { own, settled: pendingId !== null });
  }

  #earlier(room, data) {
    const before = room.transcript.oldestOffset;
    room.transcript.quietly(() => {
      for (const message of data.messages ?? []) this.#published(room, { ...message, epoch: message.epoch ?? data.epoch });
    });
    const oldest = room.transcript.oldestOffset;
    room.hasEarlier = oldest !== before && oldest > 1;
    this.#emit('rooms');
  }

  #aside(data, userId, label) {
    if (!this.current) return;
    const message = { username: data.username, message: data.message, timestamp: data.timestamp ?? Date.now() };
    this.current.transcript.publish(message, { own: this.#ownIds.has(userId), author: userId, label });
    this.#lineAdded(this.current);
  }

  #notify(text, testId) {
    if (!this.current) return;
    this.current.transcript.notice(text, testId);
    this.#lineAdded(this.current);
  }

  #refused(error) {
    const { id, code, message, retryAfterMs } = error;
    if (id === SignIn) {
      if (code === 'rate-limited' || code === 'unavailable') setTimeout(() => this.#authenticate(), retryAfterMs ?? JoinAgainAfter);
      else this.link.giveUp(`The server does not take this name or token: ${message || code}.`);
      return;
    }
    const joining = this.#joining.get(id);
    this.#joining.delete(id);
    if (!joining) {
      const stranded = this.#delivery.refused(error);
      if (stranded) setTimeout(() => this.#join(stranded), JoinAgainAfter);
      if (id === undefined && code !== 'rate-limited') this.#notify(`The server refused a request: ${message || code}.`, 'refusal');
    } else if (code === 'rate-limited' || code === 'unavailable') {
      setTimeout(() => this.#join(joining), retryAfterMs ?? JoinAgainAfter);
    } else {
      joining.transcript.notice(`This room can't be joined: ${message || code}.`, 'refusal');
    }
  }

  #lineAdded(room, { own = false, settled = false } = {}) {
    if (room.transcript.trim()) room.hasEarlier = true;
    this.#emit('line', { room, own, settled });
  }

  #emit(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
