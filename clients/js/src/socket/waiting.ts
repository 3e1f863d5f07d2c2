/** Anything that a WebSocket sends. */
export type Data = string | ArrayBufferLike | Blob | ArrayBufferView;

// Each message counts so much beside its payload.
const Overhead = 64;

/** The bytes of a message; those of text are counted in UTF-8. */
export function sizeOf(data: Data): number {
  return typeof data === 'string' ? new TextEncoder().encode(data).length : 'size' in data ? data.size : data.byteLength;
}

/** A WebSocket takes a copy of what it is given; so does what waits. */
function copyOf(data: Data): Data {
  return typeof data === 'string' || 'size' in data ? data
    : ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
    : new Uint8Array(data).slice();
}

/** The limits of what waits for a connection. */
export interface WaitingLimits {
  maxWaitingMessages?: number;
  maxWaitingBytes?: number;
  whenFull?: 'fail' | 'drop-oldest';
}

/** Messages that wait for a connection, in order and within limits. */
export class WaitingMessages {
  _payloadBytes = 0;
  #messages: Data[] = [];

  constructor(readonly limits: WaitingLimits) {}

  /** Adds a message, and returns those that made room for it. */
  add(data: Data): Data[] {
    const { maxWaitingMessages = 1_000, maxWaitingBytes = 4 << 20, whenFull } = this.limits;
    const size = sizeOf(data);
    const fits = () => this.#messages.length < maxWaitingMessages
      && this._payloadBytes + size + Overhead * (this.#messages.length + 1) <= maxWaitingBytes;
    const dropped: Data[] = [];
    while (!fits()) {
      if (whenFull !== 'drop-oldest' || !this.#messages.length) {
        throw new DOMException(`Too much waits for a connection (${this.#messages.length} messages, ${this._payloadBytes} bytes). `
          + 'Wait for "open", or raise maxWaitingMessages and maxWaitingBytes.', 'QuotaExceededError');
      }
      this._payloadBytes -= sizeOf(this.#messages[0]!);
      dropped.push(this.#messages.shift()!);
    }
    this._payloadBytes += size;
    this.#messages.push(copyOf(data));
    return dropped;
  }

  /** Takes all of them out. */
  take(): Data[] {
    this._payloadBytes = 0;
    return this.#messages.splice(0);
  }
}
