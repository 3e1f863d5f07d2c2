import { HubClient } from '../vendor/longwire.js';

// Resource Timing says this in place of an answer's headers, however long they are.
const AnswerHeaders = 300;
const PauseAfterTrouble = 1_000;
const LatenciesKept = 200;

/** One way to hear a room: what was heard, and what that took. */
class Way {
  #stopped = new AbortController();
  heard = 0;
  missing = 0;
  requests = 0;
  bytes = 0;
  /** The newest, in milliseconds, the oldest first. */
  latencies = [];
  /** The newest number that was heard. */
  newest = 0;

  constructor(room, token, name) {
    this.room = room;
    this.token = token;
    this.name = name;
  }

  get signal() { return this.#stopped.signal; }

  start() { this.#run(); }

  stop() { this.#stopped.abort(); }

  async #run() {
    while (!this.signal.aborted) {
      try {
        await this.listen();
      } catch {
        // The server is away: this way tries again.
      }
      await this.pause(PauseAfterTrouble);
    }
  }

  pause(milliseconds) {
    return new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
      this.signal.addEventListener('abort', resolve, { once: true });
    });
  }

  /** Takes a message of the hub. Those missed while a connection was away come with the answer to the join. */
  take(message) {
    if (message.type === 'joined-room') message.messages.forEach((missed) => this.take(missed));
    if (message.type !== 'message') return;
    const { number, at } = message.message;
    if (number <= this.newest) return;
    if (this.newest) this.missing += number - this.newest - 1;
    this.newest = number;
    this.heard += 1;
    this.latencies.push(performance.now() - at);
    if (this.latencies.length > LatenciesKept) this.latencies.shift();
  }

  get(path, parameters, headers = {}) {
    this.requests += 1;
    const query = new URLSearchParams({ ...parameters, room: this.room, username: this.name });
    return fetch(`${path}?${query}`, { signal: this.signal, cache: 'no-store', headers: { Authorization: `Bearer ${this.token}`, ...headers } });
  }
}

/** Asks again and again, at once or after an interval. The answer is given at once, or when there is something. */
class AskingWay extends Way {
  #id;
  #session;
  #observer;

  start() {
    this.#observer = new PerformanceObserver((list) => {
      for (const { name, transferSize } of list.getEntries()) {
        if (name.includes(`/hub/poll?wait=${this.wait}&`) && name.includes(encodeURIComponent(this.room))) this.bytes += transferSize;
      }
    });
    this.#observer.observe({ type: 'resource' });
    super.start();
  }

  stop() {
    super.stop();
    // Else the hub would wait for the next question for a minute.
    if (this.#session) fetch('hub/session', { method: 'DELETE', keepalive: true, headers: { 'Longwire-Session': this.#session } }).catch(() => {});
    // An answer that has come is told a moment later.
    setTimeout(() => this.#observer?.disconnect(), PauseAfterTrouble);
  }

  async listen() {
    let after;
    while (!this.signal.aborted) {
      const parameters = { wait: this.wait, ...(after && { after }), ...(this.#id && { last: this.#id }) };
      const response = await this.get('hub/poll', parameters, this.#session && { 'Longwire-Session': this.#session });
      if (!response.ok) throw new Error(response.status);
      const { n, id, messages, close } = await response.json();
      after = n;
      this.#id = id;
      this.#session = messages.find(({ type }) => type === 'connected')?.session ?? this.#session;
      messages.forEach((message) => this.take(message));
      if (close) throw new Error(close.reason);
      if (this.interval()) await this.pause(this.interval());
    }
  }
}

export class Polling extends AskingWay {
  wait = 0;

  constructor(room, token, name, interval) {
    super(room, token, name);
    this.interval = interval;
  }
}

export class LongPolling extends AskingWay {
  wait = 25;

  interval() { return 0; }
}

/** Server-sent events. An EventSource does not tell how many bytes have come, so the answer is read here. */
export class Events extends Way {
  #id;

  async listen() {
    const response = await this.get('hub/events', {}, this.#id && { 'Last-Event-ID': this.#id });
    if (!response.ok) throw new Error(response.status);
    this.bytes += AnswerHeaders;
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      this.bytes += part.value.length;
      text += decoder.decode(part.value, { stream: true });
      const events = text.split('\n\n');
      text = events.pop();
      for (const event of events) this.#read(event);
    }
  }

  #read(event) {
    for (const line of event.split('\n')) {
      if (line.startsWith('id: ')) this.#id = line.slice(4);
      else if (line.startsWith('data: ')) this.take(JSON.parse(line.slice(6)));
    }
  }
}

/** A WebSocket. The client comes back by itself; its sockets count what comes. */
export class Socket extends Way {
  #address;

  constructor(room, token, name, address) {
    super(room, token, name);
    this.#address = address;
  }

  async listen() {
    const way = this;
    class CountedSocket extends WebSocket {
      constructor(...parameters) {
        super(...parameters);
        way.requests += 1;
        this.addEventListener('open', () => { way.bytes += AnswerHeaders; });
        this.addEventListener('message', ({ data }) => {
          const payload = typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength;
          // RFC 6455 §5.2: a server's frame has no masking key.
          way.bytes += payload + (payload < 126 ? 2 : payload < 65_536 ? 4 : 10);
        });
      }
    }
    const client = new HubClient(this.#address, { token: this.token, username: this.name, WebSocket: CountedSocket });
    client.room(this.room).on('message', (message) => this.take({ ...message, type: 'message' }));
    client.room(this.room).join().catch(() => {});
    client.connect();
    await new Promise((resolve) => this.signal.addEventListener('abort', resolve));
    client.close();
  }
}
