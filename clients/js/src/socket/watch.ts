import type { Clock } from '../clock.js';

/** Hears what clock, page and network say about a connection. */
export interface Surroundings {
  /** Once a second, or as often as the page may run. `late`: this look came later than it should. */
  _onLook(late: boolean): void;
  /** The machine slept, or the page was frozen: the connection, if any, is dead. */
  _onAsleep(): void;
  /** The network changed, or the page is shown again: the connection may be dead. */
  _onDoubt(): void;
  /** The page goes into the back-forward cache, where nothing of it may be open. */
  _onHide(): void;
  /** The page comes out of the back-forward cache. */
  _onShow(): void;
}

const Second = 1000;
const Doubtful = 5 * Second;
const Asleep = 30 * Second;
// The timers of a hidden page run once a minute: a pause tells nothing there, unless it was longer when the page is shown again.
const AsleepHidden = 120 * Second;

/** Watches clock, page and network until the returned function is called. */
export function watch(clock: Clock, surroundings: Surroundings): () => void {
  const page = globalThis.document;
  let last = clock.now();
  let timer: unknown;

  const look = (limit = page?.visibilityState === 'hidden' ? Infinity : Asleep) => {
    const late = clock.now() - last - Second;
    last = clock.now();
    clock.clearTimeout(timer);
    timer = clock.setTimeout(() => look(), Second);
    // A pending look doesn't keep a Node process alive.
    (timer as { unref?: () => void }).unref?.();
    if (late >= limit) surroundings._onAsleep();
    else if (late >= Doubtful) surroundings._onDoubt();
    surroundings._onLook(late >= Second);
  };
  const doubt = () => surroundings._onDoubt();
  const listeners: [EventTarget | undefined, string, (event: any) => void][] = [
    [page, 'visibilitychange', () => {
      if (page.visibilityState !== 'visible') return;
      look(AsleepHidden);
      doubt();
    }],
    [page, 'resume', () => {
      look(Asleep);
      doubt();
    }],
    [globalThis.window, 'pagehide', event => event.persisted && surroundings._onHide()],
    [globalThis.window, 'pageshow', event => {
      if (!event.persisted) return;
      last = clock.now();
      surroundings._onShow();
    }],
    [globalThis.window, 'online', doubt],
    [globalThis.window, 'offline', doubt],
    [(globalThis.navigator as { connection?: EventTarget } | undefined)?.connection, 'change', doubt],
  ];
  for (const [target, type, listener] of listeners) target?.addEventListener?.(type, listener);
  look(Infinity);
  return () => {
    clock.clearTimeout(timer);
    for (const [target, type, listener] of listeners) target?.removeEventListener?.(type, listener);
  };
}
