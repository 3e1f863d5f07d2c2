import type { WebSocketClass } from './options.js';

/** The WebSocket of where this runs. */
export async function platformSocket(): Promise<WebSocketClass> {
  const { window, process } = globalThis as { window?: unknown; process?: { release?: { name?: string } } };
  // Node's own tells neither pongs nor the status of a refused handshake, and is not in Node 20.
  return !window && process?.release?.name === 'node' ? (await import('#platform')).WebSocket : globalThis.WebSocket;
}
