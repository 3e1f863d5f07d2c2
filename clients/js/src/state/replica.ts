/** A thing as the hub knows it: gone where there is no value. */
export interface Known<T> {
  readonly value: T | undefined;
  readonly version: number;
}

/**
 * Things by keys and versions, in pages and changes that cross on their way: a room's map, or its users. Entries count by their versions,
 * so that they come to the same whatever overtakes what.
 */
export class Replica<T> {
  readonly _known = new Map<string, Known<T>>();
  /** Behind which version the next page begins; undefined when the last one was had. */
  _next: number | undefined = 0;
  /** The greatest version of a message. */
  _version = 0;
  _isReading = false;
  /** Whether the pages that are missing are of what changed only. */
  _isPart = false;
  /** Counts beginnings: a page that was asked for before one is not of use. */
  _beginnings = 0;
  /** Pages that were asked for and have not come. */
  #pages = 0;

  _find(key: string): { value: T; version: number } | undefined {
    const known = this._known.get(key);
    return known?.value === undefined ? undefined : known as { value: T; version: number };
  }

  *_entries(): Generator<[string, T]> {
    for (const [key, { value }] of this._known) if (value !== undefined) yield [key, value];
  }

  /** Takes an entry; undefined for one that was removed. False when a newer one is known. */
  _take(key: string, value: T | undefined, version: number): boolean {
    const known = this._known.get(key);
    if (known && known.version >= version) return false;
    // The newest are last, as in the hub's answers.
    this._known.delete(key);
    if (value !== undefined || this.#mayReturn) this._known.set(key, { value, version });
    return true;
  }

  /** Begins anew: all of it is to be read. */
  _reset(): void {
    this._known.clear();
    this._next = 0;
    this._isPart = false;
    this._beginnings++;
  }

  /** Ends a page. Where it is only what changed, pages that were not had before are still to be read. */
  _end(next: number | undefined, isWhole: boolean): void {
    if (isWhole || this._next === undefined) {
      this._next = next;
      this._isPart = next !== undefined && (this._isPart || !isWhole);
    }
    this.#forget();
  }

  /** Asks for a page. Until it has come, what is removed is remembered: the page may have it still. */
  async _page<P>(ask: () => Promise<P>, take: (page: P) => void): Promise<void> {
    const beginning = this._beginnings;
    this.#pages++;
    try {
      const page = await ask();
      if (beginning === this._beginnings) take(page);
    } finally {
      this.#pages--;
      this.#forget();
    }
  }

  get #mayReturn() { return this._next !== undefined || this.#pages > 0; }

  #forget(): void {
    if (this.#mayReturn) return;
    for (const [key, { value }] of this._known) if (value === undefined) this._known.delete(key);
  }
}
