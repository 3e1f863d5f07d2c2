import { delayBefore, spread, verdict } from './reconnection.js';

const HeartbeatInterval = 20_000;
const AnswerTimeout = 10_000;
const EstablishTimeout = 10_000;
const SteadyAfter = 5_000;
const ForgivenTo = 2;
const NoAnswer = 4000;
const Abnormal = 1006;
const Subprotocol = 'longwire.v1.json';

/**
 * One lasting link to the hub over many sockets: connects, notices when nobody answers, comes back by the rules of
 * `reconnection.js`, and keeps the session that the hub wants back. Events: `state`, `open`, `closed`, and `message`
 * with the parsed JSON object. The owner calls `established()` when the hub has accepted the user.
 */
export class Link extends EventTarget {
  #address;
  #socket = null;
  #attempt = 0;
  #requestedDelay = null;
  #retry = 0;
  #deadline = 0;
  #heartbeat = 0;
  #steady = 0;
  #lastHeard = 0;
  #wasOnline = false;

  state = 'offline';
  /** `{ text, retryAt, wantsToken }` of the last close; null while there is nothing to say. */
  trouble = null;
  session = null;
  maxMessageBytes = Infinity;

  constructor(address) {
    super();
    this.#address = address;
    addEventListener('online', () => this.checkNow());
    addEventListener('pageshow', (event) => event.persisted && this.checkNow());
    document.addEventListener('visibilitychange', () => document.hidden || this.checkNow());
  }

  /** Connects, or comes back at once instead of waiting. */
  connect() {
    if (this.#socket) return;
    clearTimeout(this.#retry);
    if (this.trouble) this.trouble = { ...this.trouble, retryAt: null };
    this.#become(this.#wasOnline || this.#attempt > 0 ? 'reconnecting' : 'connecting');

    // The secret is offered like a subprotocol, because an address ends up in consoles and logs.
    const socket = new WebSocket(this.#address, this.session ? [Subprotocol, `session.${this.session}`] : [Subprotocol]);
    this.#socket = socket;
    this.#deadline = setTimeout(() => this.#abandon(), EstablishTimeout);
    socket.onopen = () => this.#emit('open');
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#closed(event.code, event.reason);
  }

  /**
   * The user is in: the link counts as online. Most failed attempts are forgiven now, and all once the link has held for
   * a while, so that a server that accepts and drops at once isn't hammered.
   */
  established() {
    clearTimeout(this.#deadline);
    this.#wasOnline = true;
    this.#attempt = Math.min(this.#attempt, ForgivenTo);
    this.trouble = null;
    this.#heartbeat = setInterval(() => this.#probe(), HeartbeatInterval);
    this.#steady = setTimeout(() => { this.#attempt = 0; }, SteadyAfter);
    this.#become('online');
  }

  /** Sends one request; false when there is no open socket to take it. */
  send(request) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(request));
    return true;
  }

  /** Leaves for good. */
  close() {
    this.#wasOnline = false;
    this.#attempt = 0;
    this.session = null;
    this.#drop()?.close(1000);
    clearTimeout(this.#retry);
    this.trouble = null;
    this.#become('offline');
  }

  /** The server won't have us as we are: stays away, and says why. */
  giveUp(text) {
    this.close();
    this.trouble = { text, retryAt: null, wantsToken: false };
    this.#emit('state');
  }

  /** Something woke up (the network, the tab): find out now rather than at the next heartbeat. */
  checkNow() {
    if (this.state === 'online') this.#probe();
    else if (this.state === 'reconnecting') this.connect();
  }

  #receive(text) {
    this.#lastHeard = performance.now();
    let data;
    try {
      data = JSON.parse(text);
    } catch {
      return; // Binary publications and other subprotocols are not for this page.
    }
    if (typeof data?.type !== 'string') return;
    if (data.type === 'connected') {
      this.session = data.session ?? null;
      if (data.maxMessageBytes > 0) this.maxMessageBytes = data.maxMessageBytes;
    } else if (data.type === 'auth-success' && typeof data.session === 'string') {
      this.session = data.session; // Another user: another secret.
    } else if (data.type === 'drain') {
      this.#requestedDelay = data.reconnectAfterMs ?? null;
    }
    this.#emit('message', data);
  }

  #probe() {
    const asked = performance.now();
    if (!this.send({ type: 'ping' })) return;
    const socket = this.#socket;
    setTimeout(() => {
      if (this.#socket === socket && this.#lastHeard < asked) this.#abandon();
    }, AnswerTimeout);
  }

  /** A socket whose peer is silent may take minutes to close, so it is left behind. */
  #abandon() {
    const socket = this.#drop();
    socket?.close(NoAnswer);
    this.#closed(Abnormal, '');
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#deadline);
    clearTimeout(this.#steady);
    clearInterval(this.#heartbeat);
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    return socket;
  }

  #closed(code, reason) {
    this.#drop();
    const ruling = verdict(code, reason);
    this.#emit('closed', { code, reason });
    if (!ruling.comeBack) {
      this.session = null;
      this.#wasOnline = false;
      this.#attempt = 0;
      this.trouble = { text: ruling.text, retryAt: null, wantsToken: ruling.wantsToken };
      this.#become('offline');
      return;
    }
    const delay = Math.max(
      this.#requestedDelay === null ? delayBefore(this.#attempt) : spread(this.#requestedDelay),
      ruling.atLeast && spread(ruling.atLeast));
    this.#attempt += 1;
    this.#requestedDelay = null;
    this.#retry = setTimeout(() => this.connect(), delay);
    this.trouble = { text: ruling.text, retryAt: Date.now() + delay, wantsToken: false };
    this.#become('reconnecting');
  }

  #become(state) {
    this.state = state;
    this.#emit('state');
  }

  #emit(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
