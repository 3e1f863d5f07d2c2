import uPlot from '../vendor/uplot.js';

const Height = 216;

/** Lines over time, drawn by uPlot: it draws an hour of seconds in a millisecond, and is a fifth of what others weigh. */
export class Chart {
  #element;
  #plot = null;
  #lines;
  #data = [[]];

  /** @param lines { name, hue } for each line, `hue` a custom property of the style sheet. */
  constructor(element, lines) {
    this.#element = element;
    this.#lines = lines;
    this.#draw();
    new ResizeObserver(() => this.#plot.setSize({ width: element.clientWidth, height: Height })).observe(element);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  /** Shows these columns, the first of which is the time in seconds. */
  show(data) {
    this.#data = data;
    this.#plot.setData(data);
  }

  #draw() {
    this.#plot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line') } };
    const series = this.#lines.map(({ name, hue }) => ({
      label: name, stroke: colour(hue), width: 1.5, points: { show: false }, value: (_, value) => value?.toLocaleString() ?? '–',
    }));
    this.#plot = new uPlot({
      width: this.#element.clientWidth, height: Height, axes: [axis, { ...axis, size: 56 }],
      scales: { y: { range: (_, least, most) => [0, Math.max(1, (most ?? 0) * 1.1)] } },
      series: [{ label: 'time' }, ...series],
    }, this.#data.length > 1 ? this.#data : [[], ...this.#lines.map(() => [])], this.#element);
  }
}

/** The last hour, second by second: columns of a fixed length, so that a day takes no more memory than an hour. */
export class Hour {
  static Seconds = 3_600;
  #columns = new Map();
  #times = [];

  /** Adds a second; one that is there already, or older than all, is put where it belongs. */
  add(time, values) {
    let index = this.#times.length;
    while (index > 0 && this.#times[index - 1] >= time) index--;
    if (this.#times[index] === time) return;
    this.#times.splice(index, 0, time);
    for (const [name, value] of Object.entries(values)) {
      if (!this.#columns.has(name)) this.#columns.set(name, new Array(this.#times.length - 1).fill(null));
      this.#columns.get(name).splice(index, 0, value);
    }
    if (this.#times.length > Hour.Seconds) {
      this.#times.shift();
      for (const column of this.#columns.values()) column.shift();
    }
  }

  get length() { return this.#times.length; }

  /** The columns of these names, for the newest seconds. */
  last(seconds, names) {
    const since = this.#times.at(-1) - seconds;
    let from = this.#times.length - 1;
    while (from > 0 && this.#times[from - 1] > since) from--;
    return [this.#times, ...names.map((name) => this.#columns.get(name) ?? [])].map((column) => column.slice(Math.max(0, from)));
  }
}
