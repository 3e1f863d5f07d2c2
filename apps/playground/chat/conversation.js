import { isTokenRefused } from '../common/token.js';
import { HubClient, OutboxFullError } from '../vendor/longwire.js';
import { Room } from './room.js';

const HistoryLength = 50;
const TypingAgainAfter = 2_500;
const SeenAfter = 300;
const SeenFor = 86_400_000; // as long as the room keeps its messages
const SeenInRoomsUpTo = 50;
const States = { open: 'online', connecting: 'connecting', reconnecting: 'reconnecting', idle: 'offline', closed: 'offline' };

/**
 * The user's side of the chat, without a page: who we are, the rooms, what was said, what is still to be said. Events: `state` (the
 * connection), `rooms` (which rooms, which is current, unread), `members` (also who types), and `line` with `{ room, own }` for each new line.
 */
export class Conversation extends EventTarget {
  #client;
  #token;
  #typedAt = -Infinity; // not typing

  rooms = new Map();
  current = null;
  /** False while the reader looks elsewhere: then the current room collects unread messages too. */
  attentive = true;
  /** `online`, `connecting`, `reconnecting` or `offline`. */
  state = 'offline';
  /** `{ text, retryAt, wantsToken }` of the last loss; null while there is nothing to say. */
  trouble = null;

  constructor({ address, token, name }) {
    super();
    this.#token = token;
    this.name = name;
    this.#client = new HubClient(address, { token: () => this.#token, username: name, outbox: 'indexeddb', user: `chat ${name}` });
    this.#client.on('state', (change) => this.#changed(change));
    this.#client.on('lost', (error) => this.#notify(`A message of before was not sent: ${error.message}.`, 'refusal'));
    this.#client.on('error', (error) => this.#notify(`The server refused a request: ${error.message}.`, 'refusal'));
    this.#client.on('read', ({ room: name, offset }) => {
      const room = this.rooms.get(name);
      if (!room || offset < room.newest?.offset) return;
      room.unread = 0;
      this.#emit('rooms');
    });
    this.#client.on('chat', (data) => this.#aside(data, data.userId, 'to everyone'));
    this.#client.on('direct', (data) => this.#aside(data, data.from, 'to you only'));
    this.#client.on('notification', (data) => this.#notify([data.title, data.message].filter(Boolean).join(': '), 'notification'));
  }

  start() { this.#client.connect(); }

  stop() { this.#client.close(); }

  /** Comes back at once instead of waiting. */
  comeBack() { this.#client.reconnect(); }

  /** Comes back with another token, after a refusal. */
  useToken(token) {
    this.#token = token;
    this.#client.reconnect();
  }

  /** The state that the page keeps over a reload. Messages that wait are kept by the client. */
  save() {
    return { name: this.name, rooms: [...this.rooms.keys()], current: this.current?.name };
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
    const hub = this.#client.room(name, { history: HistoryLength });
    room = new Room(hub);
    this.rooms.set(name, room);
    const listeners = [
      hub.on('message', (message) => this.#published(room, message)),
      hub.on('joined', ({ unread }) => this.#joined(room, unread)),
      hub.on('reset', () => room.transcript.notice('Back again. Some messages from in between may be missing.', 'gap')),
      hub.on('left', ({ reason }) => room.transcript.notice(`You are no longer in this room: ${reason}.`, 'refusal')),
      hub.on('user-joined', (message) => this.#cameOrWent(room, message, 'joined')),
      hub.on('user-left', (message) => this.#cameOrWent(room, message, 'left')),
      hub.on('typing', ({ on }, { userId, username }) => userId === this.#client.userId || this.#types(room, username, on)),
      room.presence.on('change', () => this.#emit('members')),
      room.seen.on('change', () => this.#showReaders(room)),
    ];
    room.forget = () => listeners.forEach((stop) => stop());
    hub.join().catch((error) => {
      room.transcript.notice(`This room can't be joined: ${error.message}.`, 'refusal');
      this.#lineAdded(room);
    });
    this.#emit('rooms');
    return room;
  }

  select(room) {
    this.current?.transcript.clearUnread();
    this.current = room;
    if (this.attentive) this.#read(room);
    this.#emit('rooms');
    this.#emit('members');
  }

  leave(room) {
    this.rooms.delete(room.name);
    room.forget();
    room.hub.leave();
    if (this.current === room) this.current = null;
    this.#emit('rooms');
  }

  /** Says a text or a picture. False when too much is waiting already. */
  say(room, content) {
    let receipt;
    try {
      receipt = room.hub.publish(content);
    } catch (error) {
      if (!(error instanceof OutboxFullError)) this.#notify(`Not sent: ${error.message}.`, 'refusal');
      return !(error instanceof OutboxFullError);
    }
    const entry = { id: receipt.id, content, writtenAt: Date.now(), status: this.state === 'online' && room.isLive ? 'sent' : 'queued' };
    room.pending.push(entry);
    const remove = () => {
      room.settle(entry);
      room.transcript.dropPending(entry.id);
    };
    room.transcript.addPending(entry, this.name, this.#client.userId, {
      onRetry: () => {
        remove();
        this.say(room, content);
      },
      onDiscard: remove,
    });
    room.transcript.clearUnread();
    receipt.acked.then(
      ({ offset }) => {
        entry.offset = offset;
        if (room.transcript.hasPublished(room.hub.position?.epoch, offset)) remove();
        else room.transcript.setStatus(entry.id, 'acked');
      },
      (error) => room.transcript.setStatus(entry.id, 'failed', error.message),
    );
    this.typed(false);
    this.#emit('line', { room, own: true });
    return true;
  }

  /** Something was typed, or no more: the others see it for a while. */
  typed(on) {
    const now = performance.now();
    if (on && now - this.#typedAt < TypingAgainAfter) return;
    if (on || this.#typedAt > 0) this.current?.hub.send('typing', { on });
    this.#typedAt = on ? now : -Infinity;
  }

  async requestEarlier(room) {
    const before = room.transcript.oldestOffset;
    const messages = await room.hub.history({ before, limit: HistoryLength });
    room.transcript.quietly(() => {
      for (const message of messages) this.#show(room, message);
    });
    const oldest = room.transcript.oldestOffset;
    room.hasEarlier = oldest !== before && oldest > 1;
    this.#emit('rooms');
  }

  markRead() {
    if (!this.current?.unread) return;
    this.#read(this.current);
    this.#emit('rooms');
  }

  // The connection

  #changed({ state, delay, reason }) {
    this.state = States[state];
    if (state !== 'open') for (const room of this.rooms.values()) room.suspend();
    if (state === 'reconnecting') this.trouble = { text: `The connection was lost: ${reason}.`, retryAt: Date.now() + delay, wantsToken: false };
    else if (state === 'closed' && reason !== 'by hand') {
      this.trouble = { text: `The server ended the connection: ${reason}.`, retryAt: null, wantsToken: isTokenRefused({ state, reason }) };
    } else if (state !== 'connecting') this.trouble = null;
    if (this.#client.username) this.name = this.#client.username;
    for (const room of this.rooms.values()) {
      for (const { id, offset } of room.pending) if (offset === undefined) room.transcript.setStatus(id, state === 'open' ? 'sent' : 'queued');
    }
    this.#emit('state');
  }

  // Rooms

  /** Tells the hub up to where the user has read: for the user's other tabs and devices, and for the next time. */
  #read(room) {
    room.unread = 0;
    const { position } = room.hub;
    if (position?.offset) room.hub.send('read', { epoch: position.epoch, offset: position.offset });
    this.#tellReadLater(room);
  }

  /** Tells the others up to where the user has read, in the room's map: each has a key there. In a crowd nobody would look at that. */
  #tellReadLater(room) {
    if (room.telling || !room.newest || room.newest.offset === room.told?.offset || room.members.length > SeenInRoomsUpTo) return;
    room.telling = setTimeout(() => {
      room.telling = null;
      room.told = room.newest;
      room.seen.put(this.#client.userId, room.newest, { ttlMs: SeenFor }).catch(() => { /* The room keeps no map: nobody is told. */ });
    }, SeenAfter);
  }

  #showReaders(room) {
    room.transcript.showReaders(room.readers(this.#client.userId));
  }

  #joined(room, unread = 0) {
    room.resume();
    if (room === this.current && this.attentive) this.#read(room);
    else room.unread = unread;
    room.hasEarlier = room.transcript.oldestOffset > 1;
    this.#showReaders(room);
    this.#emit('line', { room, own: false, arrived: true });
    this.#emit('rooms');
  }

  #cameOrWent(room, { userId, username }, how) {
    this.#types(room, username, false);
    if (userId === this.#client.userId || (how === 'joined' && room.isReturning(username))) return;
    room.transcript.notice(`${username || 'Somebody'} ${how}`);
    this.#lineAdded(room);
  }

  #types(room, username, on) {
    room.types(username, on);
    if (room === this.current) this.#emit('members');
  }

  // Messages

  #published(room, message) {
    const own = message.userId === this.#client.userId;
    const content = message.binary ?? message.message;
    const pending = own ? room.claim({ offset: message.offset, content }) : undefined;
    if (message.offset) room.newest = { epoch: message.epoch, offset: message.offset };
    const unseen = !own && room.isLive && !(this.attentive && room === this.current);
    if (unseen && !room.transcript.hasPublished(message.epoch, message.offset)) room.transcript.markUnread();
    this.#types(room, message.username, false);
    if (!this.#show(room, message, pending?.id)) return;
    if (own && room.isLive) this.#showReaders(room);
    if (unseen) {
      room.unread += 1;
      this.#emit('rooms');
    }
    if (room.isLive && !own && !unseen) this.#read(room);
    if (room.isLive) this.#lineAdded(room, { own, settled: pending !== undefined });
  }

  #show(room, message, pendingId = null) {
    const shown = { ...message, message: message.binary ?? message.message };
    return room.transcript.publish(shown, { own: message.userId === this.#client.userId, author: message.userId, pendingId });
  }

  #aside(data, userId, label) {
    if (!this.current) return;
    const message = { username: data.username, message: data.message, timestamp: data.timestamp };
    this.current.transcript.publish(message, { own: userId === this.#client.userId, author: userId, label });
    this.#lineAdded(this.current);
  }

  #notify(text, testId) {
    if (!this.current) return;
    this.current.transcript.notice(text, testId);
    this.#lineAdded(this.current);
  }

  #lineAdded(room, { own = false, settled = false } = {}) {
    if (room.transcript.trim()) room.hasEarlier = true;
    this.#emit('line', { room, own, settled });
  }

  #emit(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
