import type { Clock } from '../clock.js';
import { sizeOf, type Data } from '../socket/waiting.js';
import { HubRefusedError, OutboxFullError, UncertainDeliveryError } from './errors.js';
import { quiet } from './quiet.js';
import { backOff, isForNow } from './refusals.js';
import type { Ack, ReceiptState, SendReceipt } from './receipt.js';

/** A publication as it is kept: enough to send the very same again. */
export interface KeptEntry {
  readonly id: string;
  readonly room?: string;
  /** The message, byte for byte. */
  readonly data: string | Uint8Array<ArrayBuffer>;
  /** When it was first sent, in milliseconds since 1970; 0 for not yet. */
  firstSent: number;
}

/** Where publications are kept so that they survive a reload. */
export interface OutboxStore {
  readonly producer: string;
  /** Takes over the publications of pages that are gone, in order; those of pages that are open now, when these go. */
  load(later: (entries: KeptEntry[]) => void): Promise<KeptEntry[]>;
  put(entries: KeptEntry[]): Promise<void>;
  remove(id: string): Promise<void>;
  close(): void;
}

/** A publication on its way. */
export interface OutboxEntry extends KeptEntry, SendReceipt {
  readonly id: string;
  readonly bytes: number;
  state: ReceiptState;
  _isUnderWay: boolean;
  /** As it goes out: behind the one before it to the same room, if that is under way. A hub that refuses that one for now takes neither. */
  _message?: KeptEntry['data'];
  _notBefore: number;
  _tries: number;
  kept: Promise<void>;
  _settle(ack?: Ack, error?: Error): void;
}

/** An outbox's view of its client. */
export interface OutboxOptions {
  readonly _clock: Clock;
  readonly _random: () => number;
  readonly _maxMessages: number;
  readonly _maxBytes: number;
  readonly _maxUnderWay: number;
  /** Whether publications to a room, or to users, can be sent now. */
  _isOpen(room?: string): boolean;
  _send(data: Data): void;
  /** A publication of an earlier page wants its room. */
  _join(room: string): void;
  /** A publication of an earlier page was refused or is uncertain. */
  _onLost(error: Error, entry: KeptEntry): void;
}

const Overhead = 64;
const MaxBytesUnderWay = 128 << 10;
const ClockTolerance = 60_000;
const AnotherUser = 'the session is another user\'s';

/** Publications that the hub has not confirmed: in order, within limits, each once. */
export class Outbox {
  declare readonly _options: OutboxOptions;
  _idempotencyMs = 0;
  store: OutboxStore | undefined;
  readonly _entries = new Map<string, OutboxEntry>();
  _bytes = 0;
  #isOneByOne = false;
  #retry: unknown;
  #sending: Promise<unknown> = Promise.resolve();
  /** Counts connections: what waits to be sent on an earlier one isn't. */
  #connection = 0;

  constructor(options: OutboxOptions) {
    this._options = options;
  }

  add(id: string, room: string | undefined, data: KeptEntry['data']): OutboxEntry {
    const { _maxMessages: maxMessages, _maxBytes: maxBytes } = this._options;
    const entry = this._insert({ id, ...(room && { room }), data, firstSent: 0 });
    if (this._entries.size > maxMessages || this._bytes > maxBytes) {
      this.#take(entry);
      throw new OutboxFullError('The outbox is full');
    }
    if (this.store) entry.kept = quiet(this.store.put([entry]));
    this._flush();
    return entry;
  }

  /** Sends what may be sent: in order by room, and not too much at once. */
  _flush(): void {
    const { _clock: clock, _maxUnderWay: maxUnderWay } = this._options;
    const now = clock.now(), held = new Set<string | undefined>(), batch: OutboxEntry[] = [], last = new Map<string | undefined, string>();
    let underWay = 0, bytes = 0, next = Infinity;
    for (const entry of this._entries.values()) {
      if (entry._isUnderWay) {
        underWay++;
        bytes += entry.bytes;
      }
    }
    for (const entry of this._entries.values()) {
      if (entry._isUnderWay) last.set(entry.room, entry.id);
      if (entry._isUnderWay || held.has(entry.room)) continue;
      const isOpen = this._options._isOpen(entry.room), isLate = entry._notBefore > now, { data } = entry, afterId = last.get(entry.room);
      // Bytes can't name the one before.
      if (!isOpen || isLate || (afterId && typeof data !== 'string')) {
        held.add(entry.room);
        if (isOpen && isLate) next = Math.min(next, entry._notBefore);
        continue;
      }
      if (entry.firstSent && now - entry.firstSent >= this._idempotencyMs - ClockTolerance) {
        this.#settle(entry, 'uncertain', undefined, new UncertainDeliveryError('sent too long ago'));
        continue;
      }
      if (underWay >= (this.#isOneByOne ? 1 : maxUnderWay) || (underWay && bytes + entry.bytes > MaxBytesUnderWay)) break;
      underWay++;
      bytes += entry.bytes;
      entry._isUnderWay = true;
      entry._message = afterId ? `{"afterId":"${afterId}",${data.slice(1)}` : data;
      last.set(entry.room, entry.id);
      batch.push(entry);
    }
    const fresh = batch.filter(entry => !entry.firstSent);
    for (const entry of fresh) entry.firstSent = now;
    const connection = this.#connection;
    const send = () => {
      if (connection !== this.#connection) return;
      for (const entry of batch) {
        if (!this._entries.has(entry.id)) continue;
        entry.state = 'sent';
        this._options._send(entry._message!);
      }
    };
    clock.clearTimeout(this.#retry);
    if (next < Infinity) this.#retry = clock.setTimeout(() => this._flush(), next - now);
    if (!batch.length) return;
    const { store } = this;
    // That they may have been sent is kept before they are.
    if (store) this.#sending = this.#sending.then(() => fresh.length ? store.put(fresh) : undefined).then(send, send);
    else send();
  }

  /** The connection has ended: a publication under way may have arrived or not. */
  _disconnected(): void {
    this.#connection++;
    this.#isOneByOne = false;
    for (const entry of this._entries.values()) {
      if (entry._isUnderWay) entry.state = 'queued';
      entry._isUnderWay = false;
      entry._notBefore = entry._tries = 0;
    }
  }

  /** An ack, if it is one of ours. */
  _ack(message: Ack): boolean {
    const entry = this._entries.get(message.id);
    if (entry) this.#settle(entry, 'acked', message);
    this._flush();
    return !!entry;
  }

  /** An error about one of ours: for now, or for good. */
  _error(id: string, code: string, text: string, retryAfterMs?: number): boolean {
    const entry = this._entries.get(id);
    if (!entry) return false;
    if (isForNow(code)) {
      const { _clock: clock, _random: random } = this._options;
      const delay = retryAfterMs ?? backOff(random, entry._tries++);
      this.#isOneByOne = true;
      entry._isUnderWay = false;
      entry._notBefore = clock.now() + delay;
    } else {
      this.#settle(entry, 'refused', undefined, new HubRefusedError(code, text));
    }
    this._flush();
    return true;
  }

  /** Refuses what waits for a room. */
  _refuseRoom(room: string, code: string, text: string): void {
    for (const entry of [...this._entries.values()]) {
      if (entry.room === room) this._error(entry.id, code, text);
    }
  }

  /** The largest that is under way was too big for the hub. */
  _refuseLargest(): void {
    const sent = [...this._entries.values()].filter(entry => entry._isUnderWay).sort((a, b) => b.bytes - a.bytes)[0];
    if (sent) this.#settle(sent, 'refused', undefined, new HubRefusedError('too-large', 'Message too large'));
  }

  /** Another user: what the former one has sent may be published, and what was not sent is theirs or a guest's. */
  _changeUser(wasGuest: boolean): void {
    for (const entry of [...this._entries.values()]) {
      if (entry.firstSent) {
        this.#settle(entry, 'uncertain', undefined, new UncertainDeliveryError(AnotherUser));
      } else if (!wasGuest) {
        this.#settle(entry, 'refused', undefined, new HubRefusedError('other-destination', AnotherUser));
      }
    }
  }

  close(): void {
    this._options._clock.clearTimeout(this.#retry);
    this._disconnected();
  }

  _insert(from: KeptEntry): OutboxEntry {
    let resolve!: (ack: Ack) => void, reject!: (error: Error) => void;
    const acked = quiet(new Promise<Ack>((...both) => [resolve, reject] = both));
    const entry: OutboxEntry = {
      ...from, bytes: sizeOf(from.data) + Overhead, state: 'queued', _isUnderWay: false, _notBefore: 0, _tries: 0,
      acked, kept: Promise.resolve(), _settle: (ack, error) => error ? reject(error) : resolve(ack!),
    };
    this._entries.set(entry.id, entry);
    this._bytes += entry.bytes;
    return entry;
  }

  #take(entry: OutboxEntry): void {
    this._entries.delete(entry.id);
    this._bytes -= entry.bytes;
    if (!this._entries.size) this.#isOneByOne = false;
  }

  #settle(entry: OutboxEntry, state: ReceiptState, ack?: Ack, error?: Error): void {
    entry.state = state;
    this.#take(entry);
    this.store?.remove(entry.id).catch(() => {});
    entry._settle(ack, error);
  }
}
