/** Whether the hub refused for now: the same may be asked again. */
export const isForNow = (code: string) => code === 'rate-limited' || code === 'unavailable';

/** How long to wait before asking again, in milliseconds: 1 s × 1.5ⁿ up to 30 s, with full jitter. */
export const backOff = (random: () => number, tries: number) => random() * Math.min(30_000, 1_000 * 1.5 ** tries);
