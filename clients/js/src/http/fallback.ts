import { systemClock } from '../clock.js';
import type { HubClientOptions } from '../hub/options.js';
import type { Ending } from '../socket/endings.js';
import type { WebSocketClass } from '../socket/options.js';
import { platformSocket } from '../socket/platform-socket.js';
import type { Data } from '../socket/waiting.js';
import { EventsWay } from './events-way.js';
import { PollingWay } from './polling-way.js';
import { lost, type Attempt, type Told, type Way } from './way.js';

/** How long each way may take until the hub's first message comes, in milliseconds. The last has what is left of the attempt's time. */
const Patience = { websocket: 5_000, events: 4_000, polling: Infinity };
type WayName = keyof typeof Patience;

// The hub's code for a session that was continued by another connection.
const Replaced = 4001;

// Then a WebSocket is tried again, between half of that and all of it.
const Stay = 600_000;

/** A WebSocket to a hub, as far as it goes without bytes that come. */
class WebSocketWay implements Way {
  #socket: WebSocket | undefined;
  #isOver = false;

  constructor({ url, protocols }: Attempt, told: Told) {
    void platformSocket().then(Class => {
      if (this.#isOver) return;
      const socket = (this.#socket = new Class(url, protocols));
      socket.binaryType = 'arraybuffer';
      (socket as { onheard?: () => void }).onheard = () => told._heard();
      socket.onmessage = ({ data }) => told._message(data);
      socket.onclose = event => told._end(event as Ending);
    });
  }

  send(data: Data): void { this.#socket!.send(data as string); }

  close(code: number, reason: string): void {
    this.#isOver = true;
    this.#socket?.close(code, reason);
  }

  /** Node's pings. */
  get ping(): (() => void) | undefined {
    const socket = this.#socket as { ping?(): void } | undefined;
    return socket?.ping && (() => socket.ping!());
  }
}

const Ways = { websocket: WebSocketWay, events: EventsWay, polling: PollingWay };

/**
 * A class with the interface of a WebSocket, as far as a connection uses it. It goes the first of some ways on which the hub's first
 * message comes.
 */
export function socketOf({ transport, clock = systemClock, random = Math.random }: HubClientOptions, token: () => string | undefined): WebSocketClass {
  const names: WayName[] = transport === 'events' || transport === 'polling' ? [transport] : ['websocket', 'events', 'polling'];
  const memory = {};

  class HubSocket {
    readyState = 0;
    protocol = 'longwire.v1.json';
    onopen?: () => void;
    onmessage?: (event: { data: string | ArrayBuffer }) => void;
    onclose?: (event: Ending) => void;
    onerror?: () => void;
    onheard?: () => void;
    ping: (() => void) | undefined;
    #way: Way | undefined;
    #timer: unknown;
    #attempt: Attempt;

    constructor(url: string, protocols: string[] = []) {
      this.#attempt = { url, protocols, token: token(), clock, memory };
      this.#go(0);
    }

    send(data: Data): void { this.#way!.send(data); }

    close(code = 1000, reason = ''): void {
      if (this.readyState > 1) return;
      clock.clearTimeout(this.#timer);
      this.readyState = 2;
      this.#way!.close(code, reason);
    }

    /** Tries one way; the next when the hub does not speak on it. */
    #go(at: number, first?: Ending): void {
      const name = names[at]!;
      let isOver = false;
      const told: Told = {
        _message: data => {
          if (isOver || this.readyState > 2) return;
          if (this.readyState === 0) this.#open();
          this.onmessage?.({ data });
        },
        _heard: () => { if (this.readyState === 1) this.onheard?.(); },
        _end: end => {
          if (isOver) return;
          // By a request of its own that came late: only this client knows the secret.
          const ending = end.code === Replaced ? lost('Session replaced') : end;
          isOver = true;
          clock.clearTimeout(this.#timer);
          // The hub's own answer would be the same on every way.
          const isHubs = ending.code !== 1006 || (name !== 'websocket' && [401, 403, 429, 503].includes(ending.status!));
          const wasOpen = this.readyState > 0;
          if (!wasOpen && !isHubs && at + 1 < names.length) return this.#go(at + 1, first ?? ending);
          this.readyState = 3;
          const { code, reason, wasClean, status, retryAfter } = wasOpen || isHubs ? ending : first ?? ending;
          this.onclose?.({ code, reason, wasClean, ...(status && { status }), ...(retryAfter !== undefined && { retryAfter }) });
        },
      };
      if (Patience[name] < Infinity && at + 1 < names.length) {
        this.#timer = clock.setTimeout(() => {
          const way = this.#way!;
          told._end(lost('Timed out'));
          way.close(4000, '');
        }, Patience[name]);
      }
      this.#way = new Ways[name](this.#attempt, told);
    }

    #open(): void {
      clock.clearTimeout(this.#timer);
      this.readyState = 1;
      const way = this.#way!;
      if (way instanceof WebSocketWay) this.ping = way.ping;
      else if (names.length > 1) {
        this.#timer = clock.setTimeout(() => (way as EventsWay).leave('A WebSocket is tried again'), Stay * (0.5 + random() / 2));
        // A Node process may end before.
        (this.#timer as { unref?(): void } | undefined)?.unref?.();
      }
      this.onopen?.();
    }
  }
  return HubSocket as unknown as WebSocketClass;
}
