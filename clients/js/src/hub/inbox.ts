import type { Wire } from './messages.js';
import { quiet } from './quiet.js';

let read: ((data: any) => Wire | undefined) | undefined;

/** Reads messages in order: the first bytes wait for the code that reads them, and the messages behind them for their turn. */
export class Inbox {
  readonly #receive: (message: Wire) => void;
  readonly #fail: () => void;
  #late: Promise<unknown> | undefined;
  #connection = 0;

  constructor(receive: (message: Wire) => void, fail: () => void) {
    this.#receive = receive;
    this.#fail = fail;
  }

  _take(data: any): void {
    let message: Wire | undefined;
    try {
      if (!this.#late) message = data.includes?.('"binary":') === false ? JSON.parse(data) : read?.(data);
    } catch { /* It is no message. */ }
    if (message) return this.#receive(message);
    const connection = this.#connection;
    const late = (this.#late = quiet(Promise.all([import('./binary.js'), this.#late]).then(([code]) => {
      ({ read } = code);
      if (late === this.#late) this.#late = undefined;
      const message = connection === this.#connection && read(data);
      if (message) this.#receive(message);
    }, () => connection === this.#connection && this.#fail())));
  }

  /** The connection has ended: nothing of it counts any more. */
  _clear(): void {
    this.#connection++;
    this.#late = undefined;
  }
}
