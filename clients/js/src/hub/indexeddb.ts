import type { KeptEntry, OutboxStore } from './outbox.js';
import type { ClientIdentity } from './identity.js';

// One database for all clients of an origin. An outbox is one of an address and a user, with a producer that all its tabs share; an
// entry belongs to the tab that holds the lock of its owner.
const Database = 'longwire';
const Entries = 'entries';
const Producers = 'producers';

interface Row extends KeptEntry {
  readonly outbox: string;
  readonly owner: string;
  readonly order: number;
}

const settled = <T>(request: IDBRequest<T>) => new Promise<T>((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const completed = (transaction: IDBTransaction) => new Promise<void>((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = transaction.onerror = () => reject(transaction.error);
});

/** Opens the outbox of an address and a user. */
export async function openStore({ url, user }: ClientIdentity): Promise<OutboxStore> {
  const opening = indexedDB.open(Database, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(Entries, { keyPath: ['outbox', 'id'] }).createIndex('outbox', 'outbox');
    opening.result.createObjectStore(Producers);
  };
  const database = await settled(opening);
  // A newer version of this page may want to change it.
  database.onversionchange = () => database.close();
  const outbox = `${url} ${user}`;
  const begin = (mode: IDBTransactionMode) => database.transaction([Entries, Producers], mode);
  const producers = begin('readwrite').objectStore(Producers);
  let producer: string = await settled(producers.get(outbox));
  if (!producer) await settled(producers.put((producer = crypto.randomUUID()), outbox));

  const owner: string = crypto.randomUUID();
  const release = await claim(owner);
  const orders = new Map<string, number>();
  let order = Date.now();

  const announcements = new BroadcastChannel(`${Database} ${outbox}`);
  const known = new Set<string>([owner]);

  /** Makes the entries of owners that are gone this tab's. */
  async function adopt(isGone: (owner: string) => boolean): Promise<KeptEntry[]> {
    const writing = begin('readwrite'), entries = writing.objectStore(Entries);
    const rows: Row[] = await settled(entries.index('outbox').getAll(outbox));
    const adopted = rows.filter(row => isGone(row.owner)).sort((a, b) => a.order - b.order);
    for (const row of adopted) {
      orders.set(row.id, row.order);
      entries.put({ ...row, owner });
    }
    await completed(writing);
    return adopted.map(({ id, room, data, firstSent }) => ({ id, ...(room && { room }), data, firstSent }));
  }

  /** Waits until an owner is gone, and takes over what it left. */
  function wait(other: string, later: (entries: KeptEntry[]) => void): void {
    if (known.has(other)) return;
    known.add(other);
    navigator.locks?.request(`${Database} ${other}`, async () => {
      if (known.has(owner)) later(await adopt(name => name === other));
    }).catch(() => {});
  }

  async function load(later: (entries: KeptEntry[]) => void): Promise<KeptEntry[]> {
    announcements.onmessage = ({ data }) => {
      const isNew = !known.has(data);
      wait(data, later);
      // The newcomer doesn't know this one.
      if (isNew) announcements.postMessage(owner);
    };
    const rows: Row[] = await settled(begin('readonly').objectStore(Entries).index('outbox').getAll(outbox));
    const gone = new Set<string>();
    for (const other of new Set(rows.map(row => row.owner))) {
      if (await isFree(other)) gone.add(other);
      else wait(other, later);
    }
    const left = await adopt(name => gone.has(name));
    announcements.postMessage(owner);
    return left;
  }

  return {
    producer,
    // One tab at a time looks for what others have left.
    load: async later => navigator.locks ? navigator.locks.request(`${Database} adopt`, () => load(later)) : load(later),
    put(entries) {
      const transaction = begin('readwrite');
      for (const { id, room, data, firstSent } of entries) {
        if (!orders.has(id)) orders.set(id, order++);
        const row: Row = { id, ...(room && { room }), data, firstSent, outbox, owner, order: orders.get(id)! };
        transaction.objectStore(Entries).put(row);
      }
      return completed(transaction);
    },
    remove(id) {
      orders.delete(id);
      const transaction = begin('readwrite');
      transaction.objectStore(Entries).delete([outbox, id]);
      return completed(transaction);
    },
    close() {
      known.clear();
      announcements.close();
      release();
      database.close();
    },
  };
}

/** Holds the lock of an owner for as long as the page lives. */
function claim(owner: string): Promise<() => void> {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise(resolve => {
    void navigator.locks.request(`${Database} ${owner}`, () => new Promise<void>(release => resolve(release)));
  });
}

/** Whether the tab of an owner is gone. */
async function isFree(owner: string): Promise<boolean> {
  if (!navigator.locks) return true;
  return navigator.locks.request(`${Database} ${owner}`, { ifAvailable: true }, lock => !!lock);
}
