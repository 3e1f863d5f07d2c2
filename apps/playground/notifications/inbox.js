import { HubClient } from '../vendor/longwire.js';

const Shown = 50;
const Lobby = 'lobby';

/**
 * A user's notifications, of three rooms: the user's own, everyone's, and the lobby. The hub keeps up to where the user has read in the
 * user's own, for all tabs and devices; for the others the browser does, for all of its tabs.
 */
export class Inbox extends EventTarget {
  #client;
  #sources = [];
  #user;

  constructor(address, user) {
    super();
    this.#user = user;
    this.#client = new HubClient(address, { token: 'valid-token', username: user, outbox: 'indexeddb', user: `notifications ${user}` });
    this.#client.on('state', ({ state }) => {
      if (state !== 'open') for (const source of this.#sources) source.isLive = false;
      this.#emit('state', state);
    });
    this.#client.on('read', ({ room, offset }) => room === '$me' && this.#read(this.#sources[0], offset));
    this.#add('$me', 'to you', (position) => this.#client.me.send('read', { epoch: position.epoch, offset: position.offset }));
    for (const [name, label] of [['$all', 'to everyone'], [Lobby, `to ${Lobby}`]]) {
      this.#add(name, label, (position) => this.#remember(name, position));
    }
    addEventListener('storage', (event) => {
      for (const source of this.#sources) if (event.key === this.#key(source.name)) this.#recall(source);
    });
  }

  /** All of them, the newest first: { title, message, priority, timestamp, label, isUnread }. */
  get notifications() {
    return this.#sources
      .flatMap(({ items, read, label }) => items.map((item) => ({ ...item, label, isUnread: item.offset > read })))
      .sort((a, b) => b.timestamp - a.timestamp).slice(0, Shown);
  }

  get unread() { return this.notifications.filter(({ isUnread }) => isUnread).length; }

  markRead() {
    for (const source of this.#sources) {
      const { position } = source.room;
      if (!position || source.items.every(({ offset }) => offset <= source.read)) continue;
      source.mark(position);
      this.#read(source, position.offset);
    }
  }

  /** Sends one, and tells what is wrong with it; empty for nothing. */
  send(notification) { return this.#client.ask('notify', notification); }

  #add(name, label, mark) {
    const room = this.#client.room(name, { history: Shown });
    const source = { name, label, room, mark, items: [], read: 0, epoch: '', isLive: false };
    this.#sources.push(source);
    room.on('notification', (notification) => this.#came(source, notification));
    room.on('joined', ({ epoch, read }) => {
      source.epoch = epoch;
      source.isLive = true;
      if (read === undefined) this.#recall(source);
      else this.#read(source, read);
    });
    room.on('reset', () => {
      source.items = [];
      source.read = 0;
    });
    room.join().catch(() => {});
  }

  #came(source, notification) {
    if (source.items.some(({ offset, epoch }) => offset === notification.offset && epoch === notification.epoch)) return;
    source.items.push(notification);
    if (source.items.length > Shown) source.items.shift();
    this.#emit('change');
    if (source.isLive) this.#emit('new', { ...notification, label: source.label });
  }

  #read(source, offset) {
    source.read = Math.max(source.read, offset);
    this.#emit('change');
  }

  #key(name) { return `longwire.read ${this.#user} ${name}`; }

  #remember(name, position) {
    try { localStorage.setItem(this.#key(name), JSON.stringify(position)); } catch { /* Not kept, then. */ }
  }

  #recall(source) {
    try {
      const { epoch, offset } = JSON.parse(localStorage.getItem(this.#key(source.name))) ?? {};
      if (epoch === source.epoch) this.#read(source, offset);
    } catch { /* Nothing was kept. */ }
  }

  #emit(type, detail = null) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
