/** Reports an error of the application's own code, as a browser does. */
export const report = (error: unknown) => (globalThis.reportError ?? console.error)(error);

type Listener = (...values: any[]) => unknown;

/** Calls listeners by the name of an event. One that throws is reported and disturbs nobody. */
export class Emitter {
  #listeners = new Map<string, Set<Listener>>();

  /** Adds a listener; the returned function removes it. */
  on(type: string, listener: Listener): () => void {
    let listeners = this.#listeners.get(type);
    if (!listeners) this.#listeners.set(type, (listeners = new Set()));
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit(type: string, ...values: unknown[]): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      try {
        listener(...values);
      } catch (error) {
        report(error);
      }
    }
  }
}
