import type { Clock } from '../clock.js';
import { backOff } from './refusals.js';
import { claimsOf } from './token.js';

const Before = 60_000;

/** Renews a JWT a minute before its end, or at half of its life if that is later; fails, and tries again, by the back-off. */
export class Renewal {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #renew: () => Promise<void>;
  #timer: unknown;
  #tries = 0;

  constructor(clock: Clock, random: () => number, renew: () => Promise<void>) {
    this.#clock = clock;
    this.#random = random;
    this.#renew = renew;
  }

  /** A token was accepted. */
  _plan(token = ''): void {
    const { iat, exp } = claimsOf(token), now = this.#clock.now();
    this.#tries = 0;
    if (exp) this.#later(exp * 1000 - Math.min(Before, (exp * 1000 - (iat ? iat * 1000 : now)) / 2) - now);
  }

  _stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = 0;
  }

  #later(delay: number): void {
    this._stop();
    const timer = this.#timer = this.#clock.setTimeout(() => this.#renew().catch(() => {
      if (timer === this.#timer) this.#later(backOff(this.#random, this.#tries++));
    }), Math.max(delay, 0));
  }
}
