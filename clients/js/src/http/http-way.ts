import type { Data } from '../socket/waiting.js';
import { lost, type Attempt, type Told, type Way } from './way.js';

// Of what the hub takes in one request: 64 messages and 256 KiB.
const MaxMessages = 64;
const MaxBytes = 200 << 10;
const LongestPost = 30_000;

/** The common part of server-sent events and polling: requests to the hub, one `POST` after the other, and the goodbye. */
export abstract class HttpWay implements Way {
  protected readonly attempt: Attempt;
  protected readonly told: Told;
  #session: string | undefined;
  #abort = new AbortController();
  #queue: string[] = [];
  #isPosting = false;
  #isOver = false;
  #afterwards: (() => void) | undefined;

  constructor(attempt: Attempt, told: Told) {
    this.attempt = attempt;
    this.told = told;
    this.#session = this.#offered('session');
    void Promise.resolve().then(() => this.receive()).catch(error => this.end(String(error?.message ?? error)));
  }

  /** Receives until the end. */
  protected abstract receive(): Promise<void>;

  protected get isOver(): boolean { return this.#isOver; }

  send(data: Data): void {
    if (this.#isOver) return;
    if (typeof data !== 'string') return this.#refuse(data as Uint8Array);
    this.#queue.push(data);
    // The messages of one task go in one request.
    if (this.#queue.length === 1) queueMicrotask(() => void this.#post());
  }

  close(code: number, reason: string): void {
    if (code !== 1000 || !this.#session) return this.end(reason, { code });
    // The messages before the close go first.
    this.#afterwards = () => {
      if (this.#isOver) return;
      void this.request('session', { method: 'DELETE', keepalive: true }).catch(() => {}).then(() => this.end(reason, { code, wasClean: true }));
    };
    void this.#post();
  }

  /** Ends by itself once nothing is being said. */
  leave(reason: string): void {
    this.#afterwards = () => this.end(reason, { code: 4000, wasClean: true });
    void this.#post();
  }

  protected end(reason: string, more?: object): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.told._end(lost(reason, more));
    this.#abort.abort();
  }

  /** Takes a message of the hub. */
  protected take(text: string): void {
    if (this.#isOver) return;
    if (text.startsWith('{"type":"connected"')) {
      this.#session = JSON.parse(text).session;
      this.attempt.memory.connected = text;
    }
    this.told._message(text);
  }

  /** The session goes on where an earlier attempt left it: its first message counts again. */
  protected takeRemembered(): void {
    const { connected } = this.attempt.memory;
    if (connected && JSON.parse(connected).session === this.#session) this.take(connected);
  }

  protected async request(path: string, options: RequestInit = {}, query = ''): Promise<Response> {
    const { url, token } = this.attempt, producer = this.#offered('producer'), address = new URL(url.replace(/^ws/, 'http'));
    address.pathname = `${address.pathname.replace(/\/$/, '')}/${path}`;
    for (const [name, value] of new URLSearchParams(query)) address.searchParams.set(name, value);
    if (producer && options.method === undefined) address.searchParams.set('producer', producer);
    return fetch(address, {
      cache: 'no-store', signal: this.#abort.signal, ...options,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }), ...(this.#session && { 'Longwire-Session': this.#session }),
        ...options.headers,
      },
    });
  }

  /** Whether an answer is one to go on with; else it is the end. */
  protected isGood({ ok, status, headers }: Response): boolean {
    if (ok || this.#isOver) return !this.#isOver;
    const after = headers.get('Retry-After');
    const retryAfter = after === null ? undefined : (/^\d+$/.test(after) ? Number(after) * 1_000 : Date.parse(after) - Date.now());
    this.end(`Answered with ${status}`, { status, ...(retryAfter! >= 0 && { retryAfter }) });
    return false;
  }

  async #post(): Promise<void> {
    if (this.#isPosting) return;
    this.#isPosting = true;
    try {
      while (this.#queue.length && !this.#isOver) {
        const batch = [this.#queue.shift()!];
        // A character has three bytes at most.
        for (let bytes = batch[0]!.length * 3; batch.length < MaxMessages && this.#queue.length; batch.push(this.#queue.shift()!)) {
          if ((bytes += this.#queue[0]!.length * 3) > MaxBytes) break;
        }
        const response = await this.within(LongestPost, this.request('send', {
          method: 'POST', headers: { 'Content-Type': 'application/json' }, body: `[${batch}]`,
        }));
        if (response.status !== 429 && !this.isGood(response)) return;
        const answers = await response.json();
        if (!Array.isArray(answers)) return void this.isGood(response);
        for (const answer of answers) if (answer) this.take(JSON.stringify(answer));
      }
    } catch (error) {
      // It may have arrived or not: on the next connection what counts once is sent again.
      this.end(String((error as Error).message));
    } finally {
      this.#isPosting = false;
    }
    this.#afterwards?.();
  }

  /** Waits for something, but not for longer than that. */
  protected async within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
    const { clock } = this.attempt;
    const timer = clock.setTimeout(() => this.end('No answer'), milliseconds);
    try {
      return await promise;
    } finally {
      clock.clearTimeout(timer);
    }
  }

  /** Bytes can't be sent over HTTP: `01 | n room | n id | payload`. */
  #refuse(bytes: Uint8Array): void {
    const text = (at: number): [text: string, end: number] => {
      let length = 0;
      for (let factor = 1; ; factor *= 128) {
        const byte = bytes[at++]!;
        length += (byte & 127) * factor;
        if (byte < 128) break;
      }
      return [new TextDecoder().decode(bytes.subarray(at, at + length)), at + length];
    };
    const [room, next] = text(1), [id] = text(next);
    queueMicrotask(() => this.take(JSON.stringify({
      type: 'error', code: 'invalid-format', message: 'Bytes need a WebSocket, which does not get through', room, ...(id && { id }),
    })));
  }

  #offered(name: string): string | undefined {
    return this.attempt.protocols.find(entry => entry.startsWith(`${name}.`))?.slice(name.length + 1);
  }
}
