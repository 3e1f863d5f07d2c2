import { NodeWebSocket } from './node/node-websocket.js';
import type { WebSocketClass } from './socket/options.js';

/** The WebSocket where there is Node. */
export const WebSocket = NodeWebSocket as unknown as WebSocketClass;
