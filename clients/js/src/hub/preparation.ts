import type { Connection } from '../socket/connection.js';
import type { UrlProvider } from '../socket/options.js';
import type { Data } from '../socket/waiting.js';
import { identityOf, type ClientIdentity } from './identity.js';
import type { HubClientOptions } from './options.js';
import type { KeptEntry, Outbox, OutboxStore } from './outbox.js';
import type { claimsOf } from './token.js';

/** A client's view of a connection, its own or a shared one. */
export type Link = EventTarget & Pick<Connection, 'readyState' | 'close' | 'reconnect' | 'fail'> & { send(data: Data): void };

/** The results of opening a kept outbox or a shared connection. */
export interface Preparation {
  readonly producer?: string;
  readonly connect?: (...given: ConstructorParameters<typeof Connection>) => Link;
}

/** Opens the kept outbox, and the connection that tabs share, as far as a client wants them and the page may have them. */
export async function prepare(
  url: UrlProvider, options: HubClientOptions, outbox: Outbox, isLate: () => boolean, report: (error: unknown) => void,
  read: typeof claimsOf,
): Promise<Preparation> {
  let identity: ClientIdentity | undefined, prepared: Preparation = {};
  for (let tries = 0; !identity; tries++) {
    if (isLate()) return prepared;
    try {
      identity = await identityOf(url, options, read);
    } catch (error) {
      // Without its token it is not known whose outbox this is.
      report(error);
      const { clock = globalThis, random = Math.random } = options;
      await new Promise<void>(resolve => clock.setTimeout(() => resolve(), random() * Math.min(30_000, 1_000 * 1.5 ** tries)));
    }
  }
  const known = identity;
  try {
    if (options.outbox === 'indexeddb' && !outbox.store) {
      const { openStore } = await import('./indexeddb.js');
      await restore(outbox, await openStore(known));
    }
    if (outbox.store) prepared = { producer: outbox.store.producer };
    if (options.tabs === 'shared') {
      if (!globalThis.document || !navigator.locks) throw new Error('Tabs share a connection only in pages of https: or localhost');
      const { SharedConnection, sharedProducer } = await import('../tabs/shared-connection.js');
      prepared = { producer: sharedProducer(known), ...prepared, connect: (...given) => new SharedConnection(known, ...given) };
    }
  } catch (error) {
    // A page may be denied it: in private windows, or for want of space. In Node there is neither.
    report(error);
  }
  return prepared;
}

/** Takes over what is kept, before everything else. */
async function restore(outbox: Outbox, store: OutboxStore): Promise<void> {
  const adopt = (entries: KeptEntry[]) => {
    for (const entry of entries) {
      outbox._insert(entry).acked.catch(error => outbox._options._onLost(error, entry));
      if (entry.room) outbox._options._join(entry.room);
    }
    outbox._flush();
  };
  const older = await store.load(adopt);
  const newer = [...outbox._entries.values()];
  outbox._entries.clear();
  outbox._bytes = 0;
  adopt(older);
  for (const entry of newer) {
    outbox._entries.set(entry.id, entry);
    outbox._bytes += entry.bytes;
  }
  outbox.store = store;
  if (newer.length) await store.put(newer);
}
