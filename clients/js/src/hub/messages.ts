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
  /** Where the room keeps read markers: up to where the user has read, and how many messages are behind that. */
  readonly read?: number;
  readonly unread?: number;
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

/** The message types of a room: what is published by `message`, and the application's types by name. */
export interface RoomContract {
  message?: unknown;
  messages?: Record<string, object>;
  requests?: Record<string, { request: object; reply: unknown }>;
  /** The types of the values of the room's map, by the beginnings of their keys. */
  maps?: Record<string, unknown>;
}

/** The message types of an application: of all rooms together, or of each room by its name. `longwire generate typescript` writes it. */
export interface HubContract extends RoomContract {
  rooms?: readonly (readonly [name: string, room: RoomContract])[];
  asks?: Record<string, { content: any; reply: unknown }>;
}

type IsAny<T> = 0 extends 1 & T ? true : false;

/** The names of rooms, as far as a contract tells them. */
export type RoomName<C extends HubContract> = IsAny<C> extends true ? string
  : C extends { rooms: readonly (readonly [infer N extends string, unknown])[] } ? N : string;

/** The contract of the room of a name: the first whose name it has. */
export type ContractOf<C extends HubContract, N extends string> = IsAny<C> extends true ? any
  : C extends { rooms: infer R } ? FirstOf<R, N> : C;

type FirstOf<R, N> = R extends readonly [readonly [infer P, infer One extends RoomContract], ...infer Rest]
  ? N extends P ? One : FirstOf<Rest, N> : {};

/** The contract of the user's own room and everyone's: what the hub sends by itself, and the application's types for no room. */
export type OwnContract<C extends HubContract> = IsAny<C> extends true ? any : {
  messages: MessagesOf<C> & {
    direct: { readonly from: string; readonly message: any };
    chat: { readonly message: any };
    notification: HubNotification;
  };
  requests: RequestsOf<C>;
};

/** The messages of a contract by their types. */
export type MessagesOf<C extends RoomContract> = C['messages'] extends object ? C['messages'] : Record<string, any>;
/** The requests of a contract by their types. */
export type RequestsOf<C extends RoomContract> = C['requests'] extends object ? C['requests'] : Record<string, { request: any; reply: any }>;

/** The values of a contract's map by the beginnings of their keys. */
export type MapsOf<C extends RoomContract> = C['maps'] extends object ? C['maps'] : Record<string, any>;

/** Any JSON object that the hub sends. */
export type Wire = Record<string, any> & { type: string };
