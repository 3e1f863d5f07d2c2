/** A place in a room's messages. */
export interface RoomPosition {
  readonly epoch: string;
  readonly offset: number;
  readonly tag?: string;
}

/** A message's sender. */
export interface Sender {
  readonly userId: string;
  readonly username: string;
}

/** The fields that each message of a room has beside its own. */
export interface RoomMessageFields extends Sender, RoomPosition {
  readonly type: string;
  readonly room: string;
  readonly timestamp: number;
}

/** A `message` as it comes: what was published is in `message`. */
export interface RoomMessage<T = any> extends RoomMessageFields {
  readonly message: T;
  /** The bytes of a message that is bytes; it has no `message` then. */
  readonly binary?: Uint8Array;
}

/** A notification of the application. */
export interface HubNotification {
  readonly title: string;
  readonly message: string;
  readonly priority: string;
  readonly data?: any;
  readonly timestamp: number;
}

/** The answer to a join. */
export interface JoinedRoom extends RoomPosition {
  readonly room: string;
  /** How many sessions are in the room. */
  readonly members: number;
  readonly recovered: boolean;
  readonly messages: any[];
  readonly state?: any;
  readonly stateVersion?: number;
}

/** A user in a room. */
export interface Member extends Sender {
  readonly connections?: number;
  readonly metadata: any;
}

/** Why a room's messages don't continue what was shown. */
export interface Reset {
  /** `recovery`: away for too long; `server`: the hub lost something; `gap`: messages were left out. */
  readonly cause: 'recovery' | 'server' | 'gap';
}

/** The message types of an application: what is published by `message`, and its own types by name. */
export interface HubContract {
  message?: unknown;
  messages?: Record<string, object>;
  requests?: Record<string, { request: object; reply: unknown }>;
  asks?: Record<string, { content: any; reply: unknown }>;
}

/** Any JSON object that the hub sends. */
export type Wire = Record<string, any> & { type: string };
