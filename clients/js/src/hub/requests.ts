import type { Clock } from '../clock.js';
import { ConnectionLostError, HubRefusedError, HubTimeoutError } from './errors.js';
import type { Wire } from './messages.js';
import { quiet } from './quiet.js';
import type { HubRoom } from './room.js';

/** A request without an answer. */
export interface Request {
  readonly text: string;
  readonly room: HubRoom | undefined;
  _isSent: boolean;
  _end(answer?: Wire, error?: Error): void;
}

const MaxRequests = 1_000;

/** Requests that wait for their answers; those made while there is no connection wait for one within their time. */
export class Requests {
  #open = new Map<string, Request>();

  _add(id: string, message: object, room: HubRoom | undefined, timeout: number, clock: Clock, isClosed: boolean): Promise<Wire> {
    return quiet(new Promise<Wire>((resolve, reject) => {
      if (isClosed) throw new ConnectionLostError('Closed: connect() begins again');
      if (this.#open.size >= MaxRequests) throw new HubRefusedError('too-many', 'Too many requests');
      const timer = clock.setTimeout(() => request._end(undefined, new HubTimeoutError('No answer in time')), timeout);
      const request: Request = {
        text: JSON.stringify({ ...message, id }), room, _isSent: false,
        _end: (answer, error) => {
          this.#open.delete(id);
          clock.clearTimeout(timer);
          if (error) reject(error);
          else resolve(answer!);
        },
      };
      this.#open.set(id, request);
    }));
  }

  /** Sends those that may be sent now: without a room, or to one that is joined. */
  _send(send: (text: string) => void): void {
    for (const request of this.#open.values()) {
      if (request._isSent || (request.room && !request.room.isJoined)) continue;
      request._isSent = true;
      send(request.text);
    }
  }

  /** An answer; false when nobody asked. */
  _settle(answer: Wire): boolean {
    const request = this.#open.get(answer.id);
    request?._end(answer);
    return !!request;
  }

  /** An error; false when nobody asked. */
  _refuse(id: string, error: Error): boolean {
    const request = this.#open.get(id);
    request?._end(undefined, error);
    return !!request;
  }

  _fail(error: Error, which: (request: Request) => boolean): void {
    for (const request of [...this.#open.values()]) if (which(request)) request._end(undefined, error);
  }
}
