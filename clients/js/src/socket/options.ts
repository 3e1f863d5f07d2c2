import type { Clock } from '../clock.js';
import type { Advice, Ending } from './endings.js';

/** An address: text (`wss:`, `ws:`, `https:`, `http:` or relative to the page), or a function that is asked before each attempt. */
export type UrlProvider = string | URL | (() => string | URL | Promise<string | URL>);

/** Subprotocols to offer, or a function that is asked before each attempt. */
export type ProtocolsProvider = string | string[] | (() => string | string[] | undefined | Promise<string | string[] | undefined>);

/** A class with the interface of the browser's WebSocket. */
export type WebSocketClass = new (url: string, protocols?: string | string[]) => WebSocket;

/** How a connection comes back. All are optional. */
export interface ReconnectionOptions {
  /** The ceiling of the wait before the first attempt to come back, in milliseconds. Default: 1,000. */
  reconnectInterval?: number;
  /** By how much that ceiling grows with each failure in a row. Default: 1.5. */
  reconnectDecay?: number;
  /** The longest ceiling, in milliseconds. Default: 30,000. */
  maxReconnectInterval?: number;
  /** After how many failures in a row to stay away. Default: never. */
  maxAttempts?: number;
  /** Another name of `maxAttempts`. */
  maxReconnectAttempts?: number;
  /** `false` to stay away after the first loss. Default: true. */
  reconnect?: boolean;
  /** How long a connection must have been open to count the failures anew, in milliseconds. Default: 5,000. */
  stableAfter?: number;
  /** When to give up an attempt, what it asks of functions included, in milliseconds. Default: 15,000. */
  connectTimeout?: number;
  /**
   * Decides about an ending: `true` or `'back-off'` to come back, `false` or `'stop'` to stay away, a number to come back after so many
   * milliseconds. Default (and for `undefined`): by the close code.
   */
  shouldReconnect?(ending: Ending): boolean | number | Advice | undefined;
  /** The WebSocket to use. Default: the browser's; in Node one that comes with the package. */
  WebSocket?: WebSocketClass;
  /** For tests: the time to go by. Default: the machine's. */
  clock?: Clock;
  /** For tests: a number from 0 to 1, as `Math.random`. */
  random?(): number;
}

/** A message that makes the server say something, by which the connection is seen to live. */
export interface Heartbeat {
  /** The text to send. */
  message: string;
  /** After how long without a message from the server, in milliseconds. Default: 25,000. */
  after?: number;
  /** How long to wait then before the connection counts as lost, in milliseconds. Default: 10,000. */
  within?: number;
}

/** The options of a `ReconnectingWebSocket`. All are optional. */
export interface ReconnectingWebSocketOptions extends ReconnectionOptions {
  /** A heartbeat for the browser, which has no pings. Default: none. In Node pings are sent in any case. */
  heartbeat?: Heartbeat;
  /** How many messages may wait for a connection. Default: 1,000. */
  maxWaitingMessages?: number;
  /** How many bytes of messages may wait for a connection; each counts 64 beside its own. Default: 4 MiB. */
  maxWaitingBytes?: number;
  /** When too much waits: `send` throws, or the oldest make room, of which a `dropped` event tells. Default: `'fail'`. */
  whenFull?: 'fail' | 'drop-oldest';
}
