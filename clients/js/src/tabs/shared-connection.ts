import type { ClientIdentity } from '../hub/identity.js';
import { Connection, stateOf, type ConnectionState } from '../socket/connection.js';
import type { Heartbeat, ProtocolsProvider, ReconnectionOptions, UrlProvider } from '../socket/options.js';
import type { Data } from '../socket/waiting.js';
import { Leader, type FromLeader, type FromTab } from './leader.js';

// Registered for private use: the session lives on, for the next leader.
const NoGoodbye = 4000;

/** The producer that all tabs of an address and a user share: ids are random, so that theirs never meet. */
export function sharedProducer({ url, user }: ClientIdentity): string {
  const key = `longwire producer ${url} ${user}`;
  try {
    const known = localStorage.getItem(key) ?? crypto.randomUUID();
    localStorage.setItem(key, known);
    return known;
  } catch {
    return crypto.randomUUID();
  }
}

/**
 * A connection that all tabs of an origin, an address and a user share. The tab that holds the leader's lock has the real one; the others
 * hear and speak through it by a BroadcastChannel, and one of them gets the lock when it is gone.
 */
export class SharedConnection extends EventTarget {
  change = stateOf('connecting');
  #name: string;
  #tab: string = crypto.randomUUID();
  #channel: BroadcastChannel | undefined;
  #leader: Leader | undefined;
  #resign: (() => void) | undefined;
  #forget: (() => void) | undefined;
  #queue = new AbortController();
  #isClosing = false;
  #timer: unknown;
  #connect: () => Connection;

  constructor({ url, user }: ClientIdentity, address: UrlProvider, protocols: ProtocolsProvider | undefined,
    options: ReconnectionOptions & { heartbeat?: Heartbeat }) {
    super();
    this.#name = `longwire ${url} ${user}`;
    this.#connect = () => new Connection(address, protocols, options);
    this.#begin();
  }

  get state(): ConnectionState { return this.change.state; }
  get readyState(): number {
    return this.state === 'closed' ? 3 : this.#isClosing ? 2 : this.state === 'open' ? 1 : 0;
  }

  send(data: Data): void { this.#say({ kind: 'send', tab: this.#tab, data }); }

  reconnect(): void {
    if (this.#isClosing || !this.#channel) {
      this.#isClosing = false;
      queueMicrotask(() => this.#begin());
    } else this.#say({ kind: 'reconnect', tab: this.#tab });
  }

  fail(code: number, reason: string): void { this.#say({ kind: 'fail', tab: this.#tab, code, reason }); }

  /** This tab needs the connection no more; it ends with the last tab. */
  close(): void {
    if (this.readyState > 1) return;
    this.#isClosing = true;
    removeEventListener('pagehide', this.#hide);
    removeEventListener('pageshow', this.#show);
    this.#end();
    queueMicrotask(() => this.#isClosing && this.#hear({ kind: 'state', change: stateOf('closed', 'by hand') }));
  }

  #hide = () => {
    // The page may go into the cache, where it may hold neither lock nor channel.
    if (this.readyState < 2) this.#end();
  };

  #show = ({ persisted }: PageTransitionEvent) => {
    if (persisted && this.readyState < 2) this.#begin();
  };

  #begin(): void {
    if (this.#channel) return;
    addEventListener('pagehide', this.#hide);
    addEventListener('pageshow', this.#show);
    const channel = (this.#channel = new BroadcastChannel(this.#name));
    this.#tab = crypto.randomUUID();
    channel.onmessage = ({ data }) => {
      if (data.tab) this.#leader?.hear(data);
      else this.#hear(data);
    };
    // By its lock the leader sees when this tab is gone.
    void navigator.locks.request(`longwire tab ${this.#tab}`, () => new Promise<void>(forget => {
      this.#forget = forget;
      if (this.#channel !== channel) forget();
      else this.#say({ kind: 'hello', tab: this.#tab });
    }));
    this.#queue = new AbortController();
    navigator.locks.request(`${this.#name} leader`, { signal: this.#queue.signal }, () => new Promise<void>(resign => {
      if (this.#channel !== channel) return resign();
      this.#resign = resign;
      this.#leader = new Leader(this.#connect(), message => {
        channel.postMessage(message);
        this.#hear(message);
      });
      this.#leader.hear({ kind: 'hello', tab: this.#tab });
    })).catch(() => {});
  }

  #end(): void {
    this.#say({ kind: 'bye', tab: this.#tab });
    this.#leader?.end(NoGoodbye);
    this.#leader = undefined;
    this.#queue.abort();
    this.#forget?.();
    this.#channel?.close();
    this.#channel = undefined;
    this.#resign?.();
    this.#resign = undefined;
    clearTimeout(this.#timer as number);
  }

  #say(message: FromTab): void {
    if (this.#leader) this.#leader.hear(message);
    else this.#channel?.postMessage(message);
  }

  #hear(message: FromLeader): void {
    if (message.kind === 'leader') {
      // A new one knows nobody yet.
      this.#say({ kind: 'hello', tab: this.#tab });
      return;
    }
    if ('to' in message && message.to && message.to !== this.#tab) return;
    if (message.kind === 'message') {
      if (this.readyState === 1) this.dispatchEvent(new MessageEvent('message', { data: message.data }));
      return;
    }
    const { change, connected } = message;
    // A newcomer is told of a state that the others have; nobody needs to hear it twice.
    if (message.to && change.state === this.state && change.state !== 'connecting') return;
    this.change = change;
    clearTimeout(this.#timer as number);
    if (change.state === 'reconnecting') {
      // The timers of a leader in a hidden tab are late.
      this.#timer = setTimeout(() => this.#say({ kind: 'due', tab: this.#tab }), change.delay);
    }
    if (change.state === 'closed') this.#isClosing = false;
    this.dispatchEvent(Object.assign(new Event('statechange'), change));
    if (change.state === 'open') this.dispatchEvent(new Event('open'));
    if (connected) this.dispatchEvent(new MessageEvent('message', { data: connected }));
  }
}
