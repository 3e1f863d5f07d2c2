import type { Connection } from '../socket/connection.js';
import type { UrlProvider } from '../socket/options.js';
import { identityOf } from './identity.js';
import type { HubClientOptions } from './options.js';
import type { Outbox } from './outbox.js';

/** What a client needs of a connection, its own or a shared one. */
export type Link = EventTarget & Pick<Connection, 'readyState' | 'close' | 'reconnect' | 'fail'> & { send(text: string): void };

/** What a kept outbox or a shared connection brings with it. */
export interface Preparation {
  readonly producer?: string;
  readonly connect?: (...given: ConstructorParameters<typeof Connection>) => Link;
}

/** Opens the kept outbox, and the connection that tabs share, as far as a client wants them and the page may have them. */
export async function prepare(url: UrlProvider, options: HubClientOptions, outbox: Outbox, report: (error: unknown) => void): Promise<Preparation> {
  let prepared: Preparation = {};
  try {
    const identity = await identityOf(url, options);
    if (options.outbox === 'indexeddb' && !outbox.store) {
      const { openStore } = await import('./indexeddb.js');
      await outbox.restore(await openStore(identity));
    }
    if (outbox.store) prepared = { producer: outbox.store.producer };
    if (options.tabs === 'shared') {
      const { SharedConnection, sharedProducer } = await import('../tabs/shared-connection.js');
      prepared = { producer: sharedProducer(identity), ...prepared, connect: (...given) => new SharedConnection(identity, ...given) };
    }
  } catch (error) {
    // A page may be denied it: in private windows, or for want of space. In Node there is neither.
    report(error);
  }
  return prepared;
}
