/** The WebSocket where there is no Node. */
export const WebSocket = globalThis.WebSocket;
