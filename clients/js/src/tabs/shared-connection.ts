import type { ClientIdentity } from '../hub/identity.js';
import { Connection, stateOf, type ConnectionState, type StateChange } from '../socket/connection.js';
import type { Ending } from '../socket/endings.js';
import type { Heartbeat, ProtocolsProvider, ReconnectionOptions, UrlProvider } from '../socket/options.js';
import type { Data } from '../socket/waiting.js';
import { Leader, type FromLeader, type FromTab } from './leader.js';

// A page that is shown asks the leader so often whether it is there, and takes its place when so many questions had no answer.
const LookEvery = 3_000;
const MaxUnanswered = 2;

/** Without an end that is known: somebody else is what brings it. */
const waitingFor = (reason: string): StateChange => ({ ...stateOf('reconnecting', reason), delay: Infinity });

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
 * hear and speak through it by a BroadcastChannel, and one of them gets the lock when it is gone, gives it up, or stands still.
 */
export class SharedConnection extends EventTarget {
  change = stateOf('connecting');
  #name: string;
  #tab: string = crypto.randomUUID();
  #channel: BroadcastChannel | undefined;
  #leader: Leader | undefined;
  /** The tab that leads, as far as this one knows: one that was suspended may not know yet that it does no longer. */
  #following: string | undefined;
  #unanswered = 0;
  #resign: (() => void) | undefined;
  #forget: (() => void) | undefined;
  #queue = new AbortController();
  #isClosing = false;
  #timer: unknown;
  #looks: unknown;
  #connect: () => Connection;

  constructor({ url, user }: ClientIdentity, address: UrlProvider, protocols: ProtocolsProvider | undefined,
    options: ReconnectionOptions & { heartbeat?: Heartbeat }) {
    super();
    this.#name = `longwire ${url} ${user}`;
    // Options that the client sets later are seen through this. A session on another connection is another tab's, which takes the lead.
    const shared = Object.assign(Object.create(options) as typeof options, {
      shouldReconnect: (ending: Ending) => ending.code === 4001 ? 'later' as const : options.shouldReconnect?.(ending),
    });
    this.#connect = () => new Connection(address, protocols, shared);
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
    this.#listen('removeEventListener');
    this.#end(true);
    queueMicrotask(() => this.#isClosing && this.#become(stateOf('closed', 'by hand')));
  }

  #listen(how: 'addEventListener' | 'removeEventListener'): void {
    for (const type of ['pagehide', 'pageshow']) window[how](type, this.#turn);
    for (const type of ['freeze', 'resume']) document[how](type, this.#turn);
  }

  /** The page is put away, where it may hold neither lock nor channel and others would wait for it; or it goes on. */
  #turn = ({ type, persisted }: Event & { persisted?: boolean }) => {
    if (this.readyState > 1) return;
    const isOver = persisted === false;
    if (type === 'pagehide' || type === 'freeze') {
      if (!this.#channel) return;
      this.#end(isOver);
      if (!isOver) this.#become(waitingFor('The page was put away'));
    } else if (!isOver) this.#begin();
  };

  #begin(): void {
    if (this.#channel) return;
    this.#listen('addEventListener');
    const channel = (this.#channel = new BroadcastChannel(this.#name));
    this.#tab = crypto.randomUUID();
    this.#following = undefined;
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
    this.#wait();
    // No two at the same time: one that takes the lead is heard of before the next would.
    this.#looks = setInterval(() => this.#look(), LookEvery * (0.75 + Math.random() / 2));
  }

  #end(isLeft: boolean): void {
    this.#say({ kind: 'bye', tab: this.#tab });
    this.#resignNow(isLeft);
    this.#queue.abort();
    this.#forget?.();
    this.#channel?.close();
    this.#channel = undefined;
    clearTimeout(this.#timer as number);
    clearInterval(this.#looks as number);
  }

  /** Waits for the lead, or takes it from one that stands still. */
  #wait(steal = false): void {
    const channel = this.#channel!, tab = this.#tab;
    this.#queue.abort();
    this.#queue = new AbortController();
    navigator.locks.request(`${this.#name} leader`, steal ? { steal } : { signal: this.#queue.signal }, () => new Promise<void>(resign => {
      if (this.#channel !== channel) return resign();
      this.#resign = resign;
      this.#following = tab;
      this.#leader = new Leader(this.#connect(), message => {
        const told = { ...message, leader: tab };
        channel.postMessage(told);
        this.#hear(told);
      });
      this.#leader.hear({ kind: 'hello', tab });
    })).catch(() => this.#channel === channel && this.#leader && this.#yield());
  }

  #resignNow(isLeft: boolean): void {
    this.#leader?.end(isLeft);
    this.#leader = undefined;
    this.#resign?.();
    this.#resign = undefined;
  }

  /** This tab stood still, and another has taken the lead: what was missed comes by that one's connection. */
  #yield(): void {
    this.#resignNow(false);
    this.#following = undefined;
    this.#become(waitingFor('Another tab leads'));
    this.#wait();
    this.#say({ kind: 'hello', tab: this.#tab });
  }

  #look(): void {
    if (this.#leader || document.visibilityState !== 'visible') this.#unanswered = 0;
    else if (this.#unanswered++ < MaxUnanswered) this.#say({ kind: 'look', tab: this.#tab });
    else {
      this.#unanswered = 0;
      this.#wait(true);
    }
  }

  #say(message: FromTab): void {
    if (this.#leader) this.#leader.hear(message);
    else this.#channel?.postMessage(message);
  }

  #hear(message: FromLeader & { readonly leader: string }): void {
    const { leader, to } = message;
    if (message.kind === 'leader') {
      if (this.#leader && leader !== this.#tab) this.#yield();
      this.#following = leader;
      this.#unanswered = 0;
      // A new one knows nobody yet.
      this.#say({ kind: 'hello', tab: this.#tab });
      return;
    }
    if (to === this.#tab) this.#following ??= leader;
    if (leader !== this.#following) return;
    this.#unanswered = 0;
    if (message.kind === 'here' || (to && to !== this.#tab)) return;
    if (message.kind === 'message') {
      if (this.readyState === 1) this.dispatchEvent(new MessageEvent('message', { data: message.data }));
      return;
    }
    const { change, connected } = message;
    // A newcomer is told of a state that the others have; nobody needs to hear it twice.
    if (to && change.state === this.state) return;
    this.#become(change);
    if (change.state === 'open') this.dispatchEvent(new Event('open'));
    if (connected) this.dispatchEvent(new MessageEvent('message', { data: connected }));
  }

  #become(change: StateChange): void {
    this.change = change;
    clearTimeout(this.#timer as number);
    if (change.state === 'reconnecting' && change.delay < Infinity) {
      // The timers of a leader in a hidden tab are late.
      this.#timer = setTimeout(() => this.#say({ kind: 'due', tab: this.#tab }), change.delay);
    }
    if (change.state === 'closed') this.#isClosing = false;
    this.dispatchEvent(Object.assign(new Event('statechange'), change));
  }
}
