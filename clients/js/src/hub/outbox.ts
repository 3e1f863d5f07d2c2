import type { Clock } from '../clock.js';
import { sizeOf } from '../socket/waiting.js';
import { HubRefusedError, OutboxFullError, UncertainDeliveryError } from './errors.js';
import { quiet } from './quiet.js';
import { backOff, isForNow } from './refusals.js';
import type { Ack, ReceiptState, SendReceipt } from './receipt.js';

/** A publication as it is kept: enough to send the very same again. */
export interface KeptEntry {
  readonly id: string;
  readonly room?: string;
  /** The message, byte for byte. */
  readonly text: string;
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
  _send(text: string): void;
  /** A publication of an earlier page wants its room. */
  _join(room: string): void;
  /** A publication of an earlier page was refused or is uncertain. */
  _onLost(error: Error, entry: KeptEntry): void;
}

const Overhead = 64;
const MaxBytesUnderWay = 128 << 10;
// A default hub takes so many a second.
const MaxPerSecond = 100;
const ClockTolerance = 60_000;
const AnotherUser = 'the session is another user\'s';

/** Publications that the hub has not confirmed: in order, within limits, each once. */
export class Outbox {
  _idempotencyMs = 0;
  store: OutboxStore | undefined;
  #entries = new Map<string, OutboxEntry>();
  #bytes = 0;
  #isOneByOne = false;
  #second = 0;
  #inSecond = 0;
  #retry: unknown;
  #sending: Promise<unknown> = Promise.resolve();
  /** Counts connections: what waits to be sent on an earlier one isn't. */
  #connection = 0;

  constructor(readonly _options: OutboxOptions) {}

  add(id: string, room: string | undefined, text: string): OutboxEntry {
    const { _maxMessages: maxMessages, _maxBytes: maxBytes } = this._options;
    const entry = this.#insert({ id, ...(room && { room }), text, firstSent: 0 });
    if (this.#entries.size > maxMessages || this.#bytes > maxBytes) {
      this.#take(entry);
      throw new OutboxFullError(`The outbox holds ${maxMessages} messages and ${maxBytes} bytes`);
    }
    if (this.store) entry.kept = quiet(this.store.put([kept(entry)]));
    this._flush();
    return entry;
  }

  /** Takes over what is kept, before everything else. */
  async restore(store: OutboxStore): Promise<void> {
    const older = await store.load(entries => this.#adopt(entries));
    const newer = [...this.#entries.values()];
    this.#entries.clear();
    this.#bytes = 0;
    this.#adopt(older);
    for (const entry of newer) {
      this.#entries.set(entry.id, entry);
      this.#bytes += entry.bytes;
    }
    this.store = store;
    if (newer.length) await store.put(newer.map(kept));
  }

  /** Sends what may be sent: in order by room, and not too much at once. */
  _flush(): void {
    const { _clock: clock, _maxUnderWay: maxUnderWay } = this._options;
    const now = clock.now(), held = new Set<string | undefined>(), batch: OutboxEntry[] = [];
    let underWay = 0, bytes = 0, next = Infinity;
    for (const entry of this.#entries.values()) {
      if (entry._isUnderWay) {
        underWay++;
        bytes += entry.bytes;
      }
    }
    for (const entry of this.#entries.values()) {
      if (entry._isUnderWay || held.has(entry.room)) continue;
      if (!this._options._isOpen(entry.room) || entry._notBefore > now) {
        held.add(entry.room);
        if (this._options._isOpen(entry.room)) next = Math.min(next, entry._notBefore);
        continue;
      }
      if (entry.firstSent && now - entry.firstSent >= this._idempotencyMs - ClockTolerance) {
        this.#settle(entry, 'uncertain', undefined, new UncertainDeliveryError('sent too long ago'));
        continue;
      }
      if (underWay >= (this.#isOneByOne ? 1 : maxUnderWay) || (underWay && bytes + entry.bytes > MaxBytesUnderWay)) break;
      underWay++;
      bytes += entry.bytes;
      if (now - this.#second >= 1000) [this.#second, this.#inSecond] = [now, 0];
      if (++this.#inSecond >= MaxPerSecond) this.#isOneByOne = true;
      entry._isUnderWay = true;
      batch.push(entry);
    }
    const fresh = batch.filter(entry => !entry.firstSent);
    for (const entry of fresh) entry.firstSent = now;
    const connection = this.#connection;
    const send = () => {
      if (connection !== this.#connection) return;
      for (const entry of batch) {
        if (!this.#entries.has(entry.id)) continue;
        entry.state = 'sent';
        this._options._send(entry.text);
      }
    };
    clock.clearTimeout(this.#retry);
    if (next < Infinity) this.#retry = clock.setTimeout(() => this._flush(), next - now);
    if (!batch.length) return;
    const { store } = this;
    // That they may have been sent is kept before they are.
    if (store) this.#sending = this.#sending.then(() => fresh.length ? store.put(fresh.map(kept)) : undefined).then(send, send);
    else send();
  }

  /** The connection has ended: a publication under way may have arrived or not. */
  _disconnected(): void {
    this.#connection++;
    this.#isOneByOne = false;
    for (const entry of this.#entries.values()) {
      if (entry._isUnderWay) entry.state = 'queued';
      entry._isUnderWay = false;
      entry._notBefore = entry._tries = 0;
    }
  }

  /** An ack, if it is one of ours. */
  _ack(message: Ack): boolean {
    const entry = this.#entries.get(message.id);
    if (entry) this.#settle(entry, 'acked', message);
    this._flush();
    return !!entry;
  }

  /** An error about one of ours: for now, or for good. */
  _error(id: string, code: string, text: string, retryAfterMs?: number): boolean {
    const entry = this.#entries.get(id);
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
    for (const entry of [...this.#entries.values()]) {
      if (entry.room === room) this._error(entry.id, code, text);
    }
  }

  /** The largest that is under way was too big for the hub. */
  _refuseLargest(): void {
    const sent = [...this.#entries.values()].filter(entry => entry._isUnderWay).sort((a, b) => b.bytes - a.bytes)[0];
    if (sent) this.#settle(sent, 'refused', undefined, new HubRefusedError('too-large', 'Message too large'));
  }

  /** Another user: what the former one has sent may be published, and what was not sent is theirs or a guest's. */
  _changeUser(wasGuest: boolean): void {
    for (const entry of [...this.#entries.values()]) {
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

  #insert(from: KeptEntry): OutboxEntry {
    let resolve!: (ack: Ack) => void, reject!: (error: Error) => void;
    const acked = quiet(new Promise<Ack>((...both) => [resolve, reject] = both));
    const entry: OutboxEntry = {
      ...from, bytes: sizeOf(from.text) + Overhead, state: 'queued', _isUnderWay: false, _notBefore: 0, _tries: 0,
      acked, kept: Promise.resolve(), _settle: (ack, error) => error ? reject(error) : resolve(ack!),
    };
    this.#entries.set(entry.id, entry);
    this.#bytes += entry.bytes;
    return entry;
  }

  #adopt(entries: KeptEntry[]): void {
    for (const entry of entries) {
      this.#insert(entry).acked.catch(error => this._options._onLost(error, entry));
      if (entry.room) this._options._join(entry.room);
    }
    this._flush();
  }

  #take(entry: OutboxEntry): void {
    this.#entries.delete(entry.id);
    this.#bytes -= entry.bytes;
    if (!this.#entries.size) this.#isOneByOne = false;
  }

  #settle(entry: OutboxEntry, state: ReceiptState, ack?: Ack, error?: Error): void {
    entry.state = state;
    this.#take(entry);
    this.store?.remove(entry.id).catch(() => {});
    entry._settle(ack, error);
  }
}

function kept({ id, room, text, firstSent }: KeptEntry): KeptEntry {
  return { id, ...(room && { room }), text, firstSent };
}
