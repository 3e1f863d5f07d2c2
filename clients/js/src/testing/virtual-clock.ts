import type { Clock } from '../clock.js';

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  const soon: (callback: () => void) => void = globalThis.setImmediate ?? setTimeout;
  for (let turn = 0; turn < 2; turn++) await new Promise<void>(resolve => soon(resolve));
}

/** A clock that stands still until a test turns it. */
export class VirtualClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  #timers = new Map<number, { at: number; callback: () => void }>();
  #ids = 0;

  now(): number { return this.#now; }

  setTimeout(callback: () => void, milliseconds: number): number {
    this.#timers.set(++this.#ids, { at: this.#now + Math.max(0, milliseconds), callback });
    return this.#ids;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** How many timers wait. */
  get timers(): number { return this.#timers.size; }

  /** Lets time pass: each timer runs at its time, and what follows from it before the next. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (;;) {
      const [id, next] = [...this.#timers].sort(([, one], [, other]) => one.at - other.at)[0] ?? [];
      if (!id || !next || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(id);
      next.callback();
      await settle();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Time passes and no timer runs, as in sleep or while a page's timers are held back. Due timers run with the next `advance`. */
  jump(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
