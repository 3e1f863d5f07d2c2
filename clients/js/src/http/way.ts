import type { Clock } from '../clock.js';
import type { Ending } from '../socket/endings.js';
import type { Data } from '../socket/waiting.js';

/** The events of one way to a hub. None comes after its end. */
export interface Told {
  _message(data: string | ArrayBuffer): void;
  /** Something has come, no message perhaps. */
  _heard(): void;
  _end(ending: Ending): void;
}

/** A way to a hub that is being gone, or was found open. */
export interface Way {
  send(data: Data): void;
  /** With 1000 a goodbye, else as if it had been lost. */
  close(code: number, reason: string): void;
}

/** The parameters of an attempt. */
export interface Attempt {
  /** The hub's address, as of a WebSocket. */
  readonly url: string;
  readonly protocols: string[];
  readonly token: string | undefined;
  readonly clock: Clock;
  /** The newest `connected` of the attempts by HTTP. */
  readonly memory: { connected?: string };
}

/** The end of a way that broke. */
export const lost = (reason: string, more?: Partial<Ending>): Ending => ({ code: 1006, reason, wasClean: false, ...more });
