/** How a connection, or an attempt to have one, ended. */
export interface Ending {
  /** The close code; 1006 where there was no Close frame: a connection that broke, a handshake that failed. */
  readonly code: number;
  /** The close reason, or a text about the failure. Never a token or the query of an address. */
  readonly reason: string;
  readonly wasClean: boolean;
  /** The HTTP status of a refused handshake. Node only: browsers don't show it. */
  readonly status?: number;
  /** A refused handshake's `Retry-After`, in milliseconds. Node only. */
  readonly retryAfter?: number;
}

/**
 * The way to go after an ending: stay away for good; come back by the back-off; come back, but not soon; or come back with another token.
 */
export type Advice = 'stop' | 'back-off' | 'later' | 'new-token';

/** The advice for an ending, as `docs/protocol/client.md` has it. */
export function adviceFor({ code, reason, status }: Ending): Advice {
  if (status) return status === 401 ? 'new-token' : status === 403 || status === 410 ? 'stop' : 'back-off';
  switch (code) {
    case 1000: case 1003: case 1010: case 3003: case 4001: case 4002:
      return 'stop';
    case 1008:
      return /^(Invalid authentication|Authentication failed)$/.test(reason) ? 'new-token'
        : /^(Server full|Too many connections)$/.test(reason) ? 'later' : 'stop';
    case 1013:
      return 'later';
    case 3000: case 4003:
      return 'new-token';
    default:
      return 'back-off';
  }
}
