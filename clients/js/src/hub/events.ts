import type { StateChange } from '../socket/connection.js';
import type { HubContract } from './messages.js';

/** The events of a client. Every other name is a type of the hub's messages. */
export interface HubClientEvents {
  state: [StateChange];
  /** An error of the hub that belongs to no request; why an outbox can't be kept, or a connection not be shared. */
  error: [Error];
  /** A publication of an earlier page, from a kept outbox, was refused or is uncertain. */
  lost: [error: Error, publication: { id: string; room?: string; data: string | Uint8Array }];
}

/** The application's questions, by the contract. */
export type Asks<C extends HubContract> = C['asks'] extends object ? C['asks'] : Record<string, { content: any; reply: any }>;

/** Answers one kind of question. */
export type Answerer<A extends { content: any; reply: any }> = (content: A['content']) => A['reply'] | Promise<A['reply']>;
