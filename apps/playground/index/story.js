import { byId } from '../common/dom.js';

// Seconds of the story. Letters are written once a second, as the document's example has it; the news comes when it comes.
const Length = 10;
const News = [1.3, 2.6, 5.1, 6.9, 8.2];
const Slowness = 1.4; // How many seconds of ours one of the story takes.
const Flight = 0.35;
const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The lines of the story, each with its time and side: [second, lane, from, text, kind]. */
function script() {
  const lines = [[0.1, 'call', 'you', 'Hello!'], [0.5, 'call', 'server', 'Hi! The connection is open.']];
  let told = 0;
  const lateness = [];
  for (let second = 1; second <= Length - 1; second++) {
    const waiting = News.filter((at) => at <= second).length - told;
    lines.push([second, 'letters', 'you', 'Any new messages?', 'asked']);
    lines.push([second + Flight, 'letters', 'server', waiting ? `Yes! Here ${waiting > 1 ? `are ${waiting}` : 'is one'}.` : 'No.', waiting ? 'news' : 'vain']);
    for (const at of News.slice(told, told + waiting)) lateness.push(second + Flight - at);
    told += waiting;
  }
  const replies = ['Thanks! Here is my reply.', 'Got it.', 'Question?', 'Me too.', 'Answer!'];
  News.forEach((at, index) => {
    lines.push([at, 'call', 'server', 'New message for you!', 'news'], [at + 0.5, 'call', 'you', replies[index]]);
  });
  return { lines: lines.sort(([a], [b]) => a - b), late: { letters: average(lateness), call: 0.03 } };
}

/** The document's first chapter, to be seen: the same news by letters and over an open line. */
export class Story extends EventTarget {
  #script = script();
  #timers = [];
  #tallies = {};

  isPlaying = false;
  isOver = false;
  isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;

  play() {
    this.#begin();
    if (this.isStill) return this.showEnd();
    this.isPlaying = true;
    for (const line of this.#script.lines) this.#timers.push(setTimeout(() => this.#say(line), line[0] * 1_000 * Slowness));
    this.#timers.push(setTimeout(() => this.#end(), Length * 1_000 * Slowness));
    this.#changed();
    return undefined;
  }

  stop() {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    this.isPlaying = false;
    this.#changed();
  }

  /** The last picture alone, for readers who want no motion. */
  showEnd() {
    this.#begin();
    for (const line of this.#script.lines) this.#say(line, false);
    this.#end();
  }

  #begin() {
    this.stop();
    this.isOver = false;
    this.#tallies = { letters: { asked: 0, vain: 0 }, call: { asked: 0, vain: 0 } };
    for (const lane of ['letters', 'call']) {
      byId(`${lane}-late`).textContent = '–';
      this.#tally(lane);
    }
  }

  #end() {
    byId('letters-late').textContent = `${this.#script.late.letters.toFixed(2)} s`;
    byId('call-late').textContent = `${this.#script.late.call.toFixed(2)} s`;
    this.#timers = [];
    this.isPlaying = false;
    this.isOver = true;
    this.#changed();
  }

  #say([, lane, from, text, kind], moves = true) {
    const saying = byId(`${lane}-saying`);
    saying.textContent = `${from === 'you' ? 'You' : 'Server'}: “${text}”`;
    saying.className = `saying from-${from}${kind === 'vain' ? ' vain' : ''}`;
    if (kind in this.#tallies[lane]) this.#tallies[lane][kind] += 1;
    this.#tally(lane);
    if (moves) this.#move(lane, from);
  }

  #move(lane, from) {
    const direction = from === 'you' ? 'normal' : 'reverse';
    const duration = Flight * 1_000 * Slowness;
    const steps = Array.from({ length: 9 }, (_, step) => {
      const x = 44 + 232 * step / 8;
      const sag = lane === 'call' ? 24 * 2 * (step / 8) * (1 - step / 8) : 0;
      return { transform: `translate(${x}px, ${48 + sag}px)`, opacity: 1 };
    });
    byId(lane === 'call' ? 'word-bead' : 'letter').animate(steps, { duration, direction, easing: 'ease-in-out' });
  }

  #tally(lane) {
    byId(`${lane}-asked`).textContent = String(this.#tallies[lane].asked);
    byId(`${lane}-vain`).textContent = String(this.#tallies[lane].vain);
  }

  #changed() { this.dispatchEvent(new Event('change')); }
}
