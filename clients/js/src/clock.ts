/** The time a client goes by. Tests give one that they turn; see `longwire/testing`. */
export interface Clock {
  /** Milliseconds since 1970. It may jump: after sleep, or when somebody sets the clock. */
  now(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

// Timers take 31 bits; a longer time would be none at all.
const LongestTimer = 2 ** 31 - 1;

/** The machine's own clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, milliseconds) => setTimeout(callback, Math.min(milliseconds, LongestTimer)),
  clearTimeout: timer => clearTimeout(timer as number),
};
