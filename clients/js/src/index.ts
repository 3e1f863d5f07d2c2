export type { Clock } from './clock.js';
export type { Advice, Ending } from './socket/endings.js';
export type {
  Heartbeat, ProtocolsProvider, ReconnectingWebSocketOptions, ReconnectionOptions, UrlProvider, WebSocketClass,
} from './socket/options.js';
export { StayAwayError } from './socket/connection.js';
export type { ConnectionState, StateChange } from './socket/connection.js';
export { ReconnectingWebSocket } from './socket/reconnecting-websocket.js';
export type { ReconnectingWebSocketEvents } from './socket/reconnecting-websocket.js';
export { WebSocketClient } from './socket/websocket-client.js';
export { HubClient } from './hub/client.js';
export type { HubClientEvents } from './hub/events.js';
export { ConnectionLostError, HubRefusedError, HubTimeoutError, OutboxFullError, UncertainDeliveryError } from './hub/errors.js';
export type * from './hub/messages.js';
export type { HubClientOptions } from './hub/options.js';
export type { Ack, ReceiptState, SendReceipt } from './hub/receipt.js';
export type { HistoryOptions, HubRoom, PublishOptions, RoomEvents, RoomOptions } from './hub/room.js';
