import type { ReconnectionOptions } from '../socket/options.js';

/** The options of a `HubClient`. All are optional. */
export interface HubClientOptions extends ReconnectionOptions {
  /** The token, or a function that is asked before each attempt. It goes with the handshake, never in the address. Default: none. */
  token?: string | (() => string | undefined | Promise<string | undefined>);
  /** The name the client would like; the hub decides. Default: none. */
  username?: string;
  /**
   * How to reach the hub. `'auto'`: by a WebSocket, and where none gets through by server-sent events, or else long polling, with `POST`; then
   * a WebSocket is tried again after 5 to 10 minutes and with each attempt. The others: by that alone. Default: `'auto'`; `'websocket'` where
   * a class is given as `WebSocket`.
   */
  transport?: 'auto' | 'websocket' | 'events' | 'polling';
  /** Where publications wait: in memory, or in IndexedDB, where they survive a reload and a killed tab. Default: `'memory'`. */
  outbox?: 'memory' | 'indexeddb';
  /** Whether all tabs of an origin, address and user share one connection. Default: `'own'`. */
  tabs?: 'own' | 'shared';
  /**
   * The signed-in user, as a name for the kept outbox and the shared connection. Default: the `sub` of a JWT, else a hash of the token;
   * give it when tokens are not JWTs and change.
   */
  user?: string;
  /** How many publications the outbox holds. Default: 1,000. */
  maxOutboxMessages?: number;
  /** How many bytes of publications the outbox holds; each counts 64 beside its own. Default: 4 MiB. */
  maxOutboxBytes?: number;
  /** How many publications are under way at most. Default: 16. */
  maxUnderWay?: number;
  /** How long `ask` and `history` wait for an answer, in milliseconds. Default: 10,000. */
  timeout?: number;
}
