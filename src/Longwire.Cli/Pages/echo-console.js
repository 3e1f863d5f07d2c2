import { byId, make, socketAddress } from './dom.js';

const LongestLog = 200;
const LongestPreview = 400;
const ShownBytes = 24;
const RememberedTrips = 1_000;
const PulseDuration = 350;
const OutOfTheWay = 40; // Drawing starts after a near answer has come, so that it isn't measured with it.
const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** The live console of the landing page: one socket, its frames, its round trips. */
export class EchoConsole {
  #socket = null;
  #queue = []; // written before the socket was open
  #awaited = []; // sent, not yet back: { key, at }
  #trips = [];
  #counts = { sent: 0, received: 0 };

  constructor() {
    byId('dial').addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#socket) this.#close();
      else this.#connect();
    });
    byId('compose').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send(byId('message').value);
      byId('message').select();
    });
    byId('binary').addEventListener('click', () => this.#send(crypto.getRandomValues(new Uint8Array(1024))));
    byId('clear').addEventListener('click', () => byId('log').replaceChildren());
    byId('endpoint').addEventListener('change', () => this.#choose());
    this.#choose();
  }

  get #isHub() { return byId('endpoint').value === 'ws'; }

  #choose() {
    byId('far-end').textContent = `/${byId('endpoint').value}`;
    byId('message').value = this.#isHub ? '{"type":"ping"}' : 'hello';
  }

  #connect() {
    const address = socketAddress(byId('endpoint').value);
    const socket = new WebSocket(address);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#awaited = [];
    this.#trips = [];
    const started = performance.now();
    this.#become('connecting', `Connecting to ${address.href}`);
    socket.onopen = () => {
      this.#become('open', `Open after ${milliseconds(performance.now() - started)}`);
      for (const data of this.#queue.splice(0)) this.#transmit(data);
    };
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = (event) => this.#closed(event);
  }

  #close() {
    const code = Number(byId('close-code').value);
    try {
      this.#socket.close(code);
      this.#become('closing');
    } catch {
      // The browser keeps the other codes to itself.
      this.#event(`A page may close with 1000 or 3000 to 4999, not with ${byId('close-code').value}.`, true);
    }
  }

  #closed({ code, reason, wasClean }) {
    this.#socket = null;
    this.#queue = [];
    const why = reason ? ` “${reason}”` : '';
    this.#become('closed', `Closed with ${code}${why}, ${wasClean ? 'cleanly' : 'without a closing handshake'}`, !wasClean);
  }

  #send(data) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#transmit(data);
      return;
    }
    this.#queue.push(data);
    if (!this.#socket) this.#connect();
  }

  #transmit(data) {
    this.#frame('sent', data);
    this.#count('sent');
    const socket = this.#socket;
    afterPainting(() => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (this.#awaited.length === RememberedTrips) this.#awaited.shift();
      this.#awaited.push({ key: this.#isHub ? hubKey(data, 'ping') : keyOf(data), at: performance.now() });
      socket.send(data);
      setTimeout(() => this.#pulse('normal'), OutOfTheWay);
    });
  }

  #received(data) {
    const now = performance.now();
    const key = this.#isHub ? hubKey(data, 'pong') : keyOf(data);
    const index = key === null ? -1 : this.#awaited.findIndex((sent) => sent.key === key);
    let trip = null;
    if (index >= 0) {
      trip = now - this.#awaited[index].at;
      this.#awaited.splice(0, index + 1); // Messages keep their order: what was sent before this has had its answer.
      this.#trips.push(trip);
      if (this.#trips.length > RememberedTrips) this.#trips.shift();
      byId('last').textContent = milliseconds(trip);
      byId('median').textContent = milliseconds(median(this.#trips));
    }
    this.#frame('received', data, trip);
    this.#count('received');
    setTimeout(() => this.#pulse('reverse'), OutOfTheWay);
  }

  #count(direction) {
    this.#counts[direction] += 1;
    byId(direction).textContent = String(this.#counts[direction]);
  }

  #become(state, text = null, isTrouble = false) {
    byId('state').dataset.state = state;
    byId('state-text').textContent = state;
    byId('connect').textContent = state === 'closed' ? 'Connect' : 'Close';
    byId('endpoint').disabled = state !== 'closed';
    document.querySelector('.span-figure').classList.toggle('live', state === 'open');
    if (text) this.#event(text, isTrouble);
  }

  #event(text, isTrouble = false) {
    this.#line(make('li', { class: isTrouble ? 'event trouble' : 'event', 'data-testid': 'echo-line' },
      make('span', { class: 'arrow', 'aria-hidden': 'true' }, '·'), make('span', { class: 'payload' }, text)));
  }

  #frame(direction, data, trip = null) {
    const isText = typeof data === 'string';
    const bytes = isText ? new TextEncoder().encode(data).length : data.byteLength;
    this.#line(make('li', { class: direction, 'data-testid': 'echo-line' },
      make('span', { class: 'arrow', role: 'img', 'aria-label': direction }, direction === 'sent' ? '→' : '←'),
      make('span', { class: 'kind' }, `${isText ? 'text' : 'binary'} ${bytes} B`),
      make('span', { class: 'payload' }, isText ? preview(data) : hexadecimal(data)),
      make('span', { class: 'trip' }, trip === null ? '' : milliseconds(trip))));
  }

  #line(line) {
    const log = byId('log');
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 30;
    log.append(line);
    while (log.childElementCount > LongestLog) log.firstElementChild.remove();
    if (follows) log.scrollTop = log.scrollHeight;
  }

  /** A bead runs along the wire: out for what is sent, back for what is received. */
  #pulse(direction) {
    if (stillness.matches) return;
    const span = byId('span');
    const length = span.getTotalLength();
    const steps = Array.from({ length: 13 }, (_, step) => {
      const point = span.getPointAtLength(length * step / 12);
      return { transform: `translate(${point.x - 14}px, ${point.y - 10}px)`, opacity: step % 12 ? 1 : 0.2 };
    });
    const bead = byId('pulse').cloneNode();
    bead.removeAttribute('id');
    span.parentElement.append(bead);
    const delay = direction === 'reverse' ? PulseDuration : 0;
    bead.animate(steps, { duration: PulseDuration, delay, direction, easing: 'ease-in-out' }).finished.then(() => bead.remove(), () => bead.remove());
  }
}

/** Runs when the line just added is on the screen: else the browser's drawing would be measured as the network's time. */
function afterPainting(work) {
  if (document.hidden) work();
  else requestAnimationFrame(() => setTimeout(work));
}

const keyOf = (data) => typeof data === 'string' ? `t${data}` : `b${hexadecimal(data)}${data.byteLength}`;

/** The hub answers in its own words, so only a ping can be timed. */
function hubKey(data, type) {
  try { return JSON.parse(data).type === type ? 'ping' : null; } catch { return null; }
}

const preview = (text) => text.length > LongestPreview ? `${text.slice(0, LongestPreview)}…` : text;

function hexadecimal(data) {
  const bytes = new Uint8Array(data.buffer ?? data);
  const shown = Array.from(bytes.subarray(0, ShownBytes), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > ShownBytes ? `${shown} …` : shown;
}

const milliseconds = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
