/** Makes a line as slow as the player likes: half of the latency on the way out, half on the way back, the order kept. */
export class SlowLine {
  latency = 0;
  #free = { out: 0, back: 0 };

  out(work) { this.#later('out', work); }

  back(work) { this.#later('back', work); }

  #later(way, work) {
    const now = performance.now();
    const due = Math.max(this.#free[way], now + this.latency / 2);
    this.#free[way] = due;
    if (due <= now) work();
    else setTimeout(work, due - now);
  }
}
