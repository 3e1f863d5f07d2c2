/** The hub refused a request; `code` is one of the protocol's or the application's. */
export class HubRefusedError extends Error {
  override name = 'HubRefusedError';
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

/** Whether a publication was made is not known, and it is not sent again by itself. */
export class UncertainDeliveryError extends Error {
  override name = 'UncertainDeliveryError';
  constructor(why: string) {
    super(`May be published, or not: ${why}`);
  }
}

/** The connection ended, or was closed by hand, before an answer came. */
export class ConnectionLostError extends Error {
  override name = 'ConnectionLostError';
}

/** No answer came in time. */
export class HubTimeoutError extends Error {
  override name = 'HubTimeoutError';
}

/** More publications wait than the outbox holds. */
export class OutboxFullError extends Error {
  override name = 'OutboxFullError';
}
