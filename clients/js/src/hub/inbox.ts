import type { Wire } from './messages.js';
import { quiet } from './quiet.js';

/** Reads messages in order: bytes wait for the code that reads them, and the messages behind them for their turn. */
export class Inbox {
  #late: Promise<void> | undefined;
  #connection = 0;

  constructor(readonly _receive: (message: Wire) => void) {}

  _take(data: any): void {
    let message: Wire | undefined;
    try {
      message = this.#late || data.includes('"binary":') ? undefined : JSON.parse(data);
    } catch { /* It may be bytes. */ }
    if (message) return this._receive(message);
    const connection = this.#connection;
    const late = (this.#late = quiet(Promise.all([import('./binary.js'), this.#late]).then(([{ read }]) => read(data)).then(message => {
      if (late === this.#late) this.#late = undefined;
      if (message && connection === this.#connection) this._receive(message);
    })));
  }

  /** The connection has ended: nothing of it counts any more. */
  _clear(): void {
    this.#connection++;
    this.#late = undefined;
  }
}
