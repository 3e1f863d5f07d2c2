import { byId, make, showState, socketAddress } from '../common/dom.js';
import { accessToken, askForToken, isTokenRefused } from '../common/token.js';
import { HubClient } from '../vendor/longwire.js';
import { Events, LongPolling, Polling, Socket } from './ways.js';

const RedrawAfter = 250;
const DotsShown = 60;
const Ruled = [1, 10, 100, 1_000];

const Ways = [
  { name: 'polling', title: 'Polling', text: 'Asks whether there is something, waits, asks again: mostly in vain, or late.',
    make: (room, token, reader) => new Polling(room, token, reader, () => Number(byId('interval').value)) },
  { name: 'long-polling', title: 'Long polling', text: 'Asks, and is answered when there is something. Each answer is a whole one, and needs a new question.',
    make: (room, token, reader) => new LongPolling(room, token, reader) },
  { name: 'events', title: 'Server-sent events', text: 'Asks once; the answer has no end. Nothing can be said that way.',
    make: (room, token, reader) => new Events(room, token, reader) },
  { name: 'websocket', title: 'WebSocket', text: 'One connection, and either side speaks when it has something to say.',
    make: (room, token, reader) => new Socket(room, token, reader, socketAddress('ws').href) },
];

const Figures = [
  ['Heard', 'heard', ({ heard }) => number(heard)],
  ['Missing', 'missing', ({ missing }) => number(missing)],
  ['Requests', 'requests', ({ requests }) => number(requests)],
  ['Bytes down', 'bytes', ({ bytes }) => number(bytes)],
  ['Bytes for each', 'each', ({ bytes, heard }) => heard ? number(Math.round(bytes / heard)) : '–'],
  ['Late by, median', 'median', ({ latencies }) => milliseconds(latencies, 0.5)],
  ['Late by, 95 of 100', 'slow', ({ latencies }) => milliseconds(latencies, 0.95)],
];

const number = (value) => value.toLocaleString('en');

function milliseconds(latencies, part) {
  if (!latencies.length) return '–';
  const value = latencies.toSorted((one, other) => one - other)[Math.ceil(latencies.length * part) - 1];
  return `${value < 10 ? value.toFixed(1) : number(Math.round(value))} ms`;
}

/** One comparison: a room, one who speaks in it, four who hear. */
class Comparison {
  #client;
  #speaking;
  #isStopped = false;
  said = 0;

  constructor() {
    const id = crypto.randomUUID().slice(0, 13);
    const room = `compare:${id}`;
    const token = accessToken();
    this.ways = Object.fromEntries(Ways.map(({ name, make: makeWay }) => [name, makeWay(room, token, `${name} ${id}`)]));
    this.#client = new HubClient(socketAddress('ws').href, { token, username: `speaker ${id}` });
    this.#client.on('state', (change) => {
      showState(change.state);
      if (!isTokenRefused(change)) return;
      run(false);
      askForToken();
    });
    this.room = this.#client.room(room);
  }

  /** Begins with the one who speaks: where the server does not take the token, no way has to find that out. */
  async start() {
    try {
      await this.room.join();
    } catch ({ message }) {
      byId('problem').textContent = `${message}.`;
      return;
    }
    if (this.#isStopped) return;
    for (const way of Object.values(this.ways)) way.start();
    this.#speakLater();
  }

  stop() {
    this.#isStopped = true;
    clearTimeout(this.#speaking);
    for (const way of Object.values(this.ways)) way.stop();
    this.#client.close();
  }

  #speakLater() {
    this.#speaking = setTimeout(() => {
      this.#speak();
      this.#speakLater();
    }, 1_000 / Number(byId('rate').value));
  }

  /** Says a number once all can hear it. While the line is down nothing is said, so that no way is late for what is not its fault. */
  #speak() {
    const areThere = this.said || Object.values(this.ways).every(({ bytes }) => bytes > 0);
    if (!this.room.isJoined || !areThere) return;
    this.said += 1;
    this.room.publish({ number: this.said, at: performance.now() }).acked.catch(() => {});
  }
}

const cards = new Map();
for (const { name, title, text } of Ways) {
  const figures = Figures.map(([label, key]) => [key, make('dd', { 'data-testid': `${name}-${key}` }, '–'), label]);
  const dots = svg('g');
  const rules = Ruled.flatMap((value) => [
    svg('line', { x1: 34, x2: 240, y1: height(value), y2: height(value) }),
    svg('text', { x: 0, y: height(value) + 3 }, value < 1_000 ? `${value} ms` : '1 s'),
  ]);
  byId('ways').append(make('article', { class: 'way', 'aria-labelledby': `${name}-title` },
    make('h2', { id: `${name}-title` }, title), make('p', {}, text),
    make('dl', { class: 'figures' }, ...figures.map(([, value, label]) => make('div', {}, make('dt', {}, label), value))),
    svg('svg', { class: 'late', viewBox: '0 0 240 70', 'aria-hidden': 'true', focusable: 'false' }, ...rules, dots)));
  cards.set(name, { dots, values: new Map(figures) });
}

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Where a latency is drawn: each line is ten times the one below. */
function height(latency) {
  return 64 - 18 * Math.log10(Math.min(5_000, Math.max(0.5, latency)));
}

function draw() {
  byId('said').textContent = number(comparison.said);
  for (const [name, { dots, values }] of cards) {
    const way = comparison.ways[name];
    for (const [, key, text] of Figures) values.get(key).textContent = text(way);
    dots.replaceChildren(...way.latencies.slice(-DotsShown).map((latency, index) =>
      svg('circle', { cx: 38 + index * 3.4, cy: height(latency), r: 1.8 })));
  }
}

let comparison;
let isRunning = false;

function run(on) {
  if (isRunning) {
    comparison.stop();
    draw();
  }
  isRunning = on;
  byId('run').textContent = on ? 'Stop' : 'Begin again';
  byId('problem').textContent = '';
  if (on) {
    comparison = new Comparison();
    // For whoever looks from the console, and for tests.
    globalThis.comparison = comparison;
    comparison.start();
  }
}

byId('controls').addEventListener('submit', (event) => {
  event.preventDefault();
  run(!isRunning);
});

// A browser has six connections to a host without TLS, and this page keeps two of them from its other tabs: not while nobody looks at it.
let wasRunning = false;

function rest() {
  wasRunning ||= isRunning;
  run(false);
}

function wake() {
  if (!wasRunning || document.hidden) return;
  wasRunning = false;
  run(true);
}

document.addEventListener('visibilitychange', () => (document.hidden ? rest() : wake()));
addEventListener('pagehide', rest);
addEventListener('pageshow', wake);

run(true);
setInterval(() => { if (isRunning) draw(); }, RedrawAfter);
