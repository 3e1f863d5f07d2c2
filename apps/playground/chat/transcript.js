import { clock, dayName, make } from '../common/dom.js';
import { addressOf } from './pictures.js';

const GroupWithin = 5 * 60_000;
const LongestTranscript = 1_000;
const LongestShown = 5_000;
const Hues = 6;
const NamedReaders = 3;

/** A name always has the same one of six colours, over sessions too. */
function hueOf(name) {
  let hash = 0;
  for (const character of String(name)) hash = (hash * 31 + character.codePointAt(0)) | 0;
  return Math.abs(hash) % Hues;
}

function pictureOf(bytes, name) {
  const address = addressOf(bytes);
  return address ? make('img', { class: 'picture', src: address, alt: `A picture from ${name || 'somebody'}`, 'data-testid': 'picture' })
    : make('p', { class: 'content data' }, `${bytes.length.toLocaleString()} bytes that are no picture`);
}

/**
 * The lines of one room. Published messages stand in the order of their offsets, whatever order they came in; what is
 * not published yet stands below them. Every publication is shown once.
 */
export class Transcript {
  #lines = new Map(); // li → { kind, epoch, offset, author, at }
  #published = new Map(); // "epoch:offset" → li
  #pending = new Map(); // id → li
  #marker = null;
  #read = new Map(); // li → who has read up to it

  list = make('ol', { class: 'lines' });

  /** Shows a publication; false when it is on the page already. */
  publish(message, { own, author, label = '', pendingId = null }) {
    const key = message.offset === undefined ? null : `${message.epoch}:${message.offset}`;
    if (key !== null && this.#published.has(key)) {
      this.dropPending(pendingId);
      return false;
    }
    this.dropPending(pendingId);
    const line = this.#messageLine({ name: message.username, own, label, at: message.timestamp, content: message.message });
    if (own) line.append(make('p', { class: 'sent', 'data-testid': 'sent' }, 'Sent'));
    const info = { kind: 'message', own, epoch: message.epoch, offset: message.offset, author: [author, message.username, label].join(), at: message.timestamp };
    this.#lines.set(line, info);
    if (key !== null) this.#published.set(key, line);
    this.#place(line, info);
    return true;
  }

  /** Shows what was just written, before the hub knows of it. */
  addPending(entry, name, author, { onRetry, onDiscard }) {
    const line = this.#messageLine({ name, own: true, label: '', at: entry.writtenAt, content: entry.content });
    line.classList.add('pending');
    const again = make('button', { type: 'button', class: 'quiet' }, 'Send again');
    const discard = make('button', { type: 'button', class: 'quiet' }, 'Discard');
    again.addEventListener('click', onRetry);
    discard.addEventListener('click', onDiscard);
    line.append(make('p', { class: 'fate' }, make('span', { class: 'fate-text' }), again, discard));
    this.#lines.set(line, { kind: 'message', author: [author, name, ''].join(), at: entry.writtenAt });
    this.#pending.set(entry.id, line);
    this.list.append(line);
    this.#regroup(line);
    this.setStatus(entry.id, entry.status, entry.problem);
  }

  /** `queued`, `sent`, `acked` or `failed`, with the reason of a failure. */
  setStatus(id, status, problem = '') {
    const line = this.#pending.get(id);
    if (!line) return;
    line.dataset.status = status;
    line.classList.toggle('pending', status !== 'acked');
    line.querySelector('.fate-text').textContent = { queued: 'Waiting for the connection', sent: 'Sending', failed: `Not sent: ${problem}` }[status] ?? '';
  }

  /** The pending line has become a publication, or was given up. */
  dropPending(id) {
    const line = this.#pending.get(id);
    if (!line) return;
    this.#pending.delete(id);
    this.#remove(line);
  }

  hasPublished(epoch, offset) { return this.#published.has(`${epoch}:${offset}`); }

  /** Names each of the readers, `{ name, epoch, offset }`, at the newest line of ours that they have read. */
  showReaders(readers) {
    const read = new Map();
    for (const { name, epoch, offset } of readers) {
      let line = this.list.lastElementChild;
      while (line && !this.#isReadAt(line, epoch, offset)) line = line.previousElementSibling;
      if (line) read.set(line, [...(read.get(line) ?? []), name]);
    }
    for (const line of this.#read.keys()) if (!read.has(line)) line.querySelector('.read')?.remove();
    for (const [line, names] of read) {
      const mark = line.querySelector('.read') ?? line.appendChild(make('p', { class: 'read', 'data-testid': 'read' }));
      mark.textContent = names.length > NamedReaders ? `Read by ${names.length}` : `Read by ${names.sort().join(', ')}`;
    }
    this.#read = read;
  }

  #isReadAt(line, epoch, offset) {
    const info = this.#lines.get(line);
    return info?.own && info.epoch === epoch && info.offset <= offset;
  }

  get isEmpty() { return this.#lines.size === 0; }

  /** A quiet line: somebody came or went, something is missing. */
  notice(text, testId = 'notice') {
    const line = make('li', { class: 'notice', 'data-testid': testId }, make('span', {}, text));
    const info = { kind: 'notice', at: Date.now() };
    this.#lines.set(line, info);
    this.#place(line, info);
  }

  /** A rule above whatever comes next, to find the place where one stopped reading. */
  markUnread() {
    if (this.#marker) return;
    this.#marker = make('li', { class: 'unread-rule' }, make('span', {}, 'New'));
    this.#lines.set(this.#marker, { kind: 'marker' });
    this.list.insertBefore(this.#marker, this.#firstPending());
  }

  clearUnread() {
    if (this.#marker) this.#remove(this.#marker);
    this.#marker = null;
  }

  /** Many lines at once, without a screen reader reading them all. */
  quietly(work) {
    this.list.setAttribute('aria-busy', 'true');
    work();
    requestAnimationFrame(() => this.list.removeAttribute('aria-busy'));
  }

  /** Forgets the oldest lines of a long transcript; true when there were any. */
  trim() {
    const tooLong = this.list.childElementCount > LongestTranscript;
    while (this.list.childElementCount > LongestTranscript) this.#remove(this.list.firstElementChild);
    return tooLong;
  }

  get oldestOffset() {
    for (let line = this.list.firstElementChild; line; line = line.nextElementSibling) {
      const offset = this.#lines.get(line)?.offset;
      if (offset !== undefined) return offset;
    }
    return undefined;
  }

  #messageLine({ name, own, label, at, content }) {
    const when = new Date(at);
    const line = make('li', { class: `line hue-${hueOf(name)}${own ? ' own' : ''}`, 'data-testid': 'message-line' },
      make('span', { class: 'bead', 'aria-hidden': 'true' }),
      make('p', { class: 'meta' },
        make('bdi', { class: 'author' }, name || 'Somebody'), ' ',
        own ? make('span', { class: 'tag' }, 'you') : '',
        label ? make('span', { class: 'tag' }, label) : '', ' ',
        make('time', { datetime: when.toISOString(), title: when.toLocaleString() }, clock.format(when)), ' '));
    if (content instanceof Uint8Array) {
      line.append(pictureOf(content, name));
      return line;
    }
    const isText = typeof content === 'string';
    const text = isText ? content : JSON.stringify(content, null, 2) ?? '';
    const body = make(isText ? 'p' : 'pre', { class: isText ? 'content' : 'content data', dir: 'auto' }, text.slice(0, LongestShown));
    line.append(body);
    if (text.length > LongestShown) line.append(this.#showAll(body, text));
    return line;
  }

  /** A very long message would hold up the page for everybody in the room, so its rest waits for a click. */
  #showAll(body, text) {
    const button = make('button', { type: 'button', class: 'quiet show-all' }, `Show all ${text.length.toLocaleString()} characters`);
    button.addEventListener('click', () => {
      body.textContent = text;
      button.remove();
    });
    return button;
  }

  #firstPending() {
    return this.#pending.values().next().value ?? null;
  }

  #place(line, info) {
    let before = this.#firstPending();
    let passedLater = false;
    let foundEarlier = false;
    for (let other = before ? before.previousElementSibling : this.list.lastElementChild; other && info.offset !== undefined; other = other.previousElementSibling) {
      const there = this.#lines.get(other);
      if (there.offset === undefined) continue;
      foundEarlier = there.epoch !== info.epoch || there.offset < info.offset;
      if (foundEarlier) break;
      before = other;
      passedLater = true;
    }
    // Older than every message here: above the notices that were written since, too.
    if (passedLater && !foundEarlier) before = this.list.firstElementChild;
    this.list.insertBefore(line, before);
    this.#regroup(line);
  }

  #remove(line) {
    const next = line.nextElementSibling;
    const info = this.#lines.get(line);
    if (info?.offset !== undefined) this.#published.delete(`${info.epoch}:${info.offset}`);
    if (line === this.#marker) this.#marker = null;
    this.#lines.delete(line);
    for (const picture of line.querySelectorAll('img')) URL.revokeObjectURL(picture.src);
    line.remove();
    if (next) this.#continueOrHead(next);
  }

  #regroup(line) {
    this.#continueOrHead(line);
    if (line.nextElementSibling) this.#continueOrHead(line.nextElementSibling);
  }

  /** Whether a line goes on with its predecessor's author, or needs a head of its own, or a new day's. */
  #continueOrHead(line) {
    const here = this.#lines.get(line);
    const above = this.#lines.get(line.previousElementSibling);
    const sameDay = !here.at || Boolean(above && (!above.at || dayName(above.at) === dayName(here.at)));
    line.classList.toggle('new-day', !sameDay);
    if (sameDay) delete line.dataset.day;
    else line.dataset.day = dayName(here.at);
    line.classList.toggle('continued', sameDay && here.kind === 'message' && above?.kind === 'message'
      && above.author === here.author && Math.abs(here.at - above.at) < GroupWithin);
  }
}
