import type { Wire } from '../hub/messages.js';
import { TestRoom } from './test-room.js';
import { TestServer } from './test-server.js';
import type { TestSocket } from './test-socket.js';

interface Session {
  readonly clientId: string;
  secret: string;
  userId: string | undefined;
  producer: string;
  socket: TestSocket | undefined;
  readonly rooms: Set<TestRoom>;
  lostAt: number;
}

/** A hub without a network: it speaks the hub's protocol as a real one does, to clients that are given its `options`. */
export class TestHub extends TestServer {
  /** The hub's word on how long it recognises ids. */
  idempotencyMs = 86_400_000;
  resumeWindow = 120_000;
  maxMessageBytes = 81_920;
  /** How many messages a room keeps. */
  historySize = 100;
  /** Tells who a token is; undefined refuses it. Default: the token is the user. */
  authenticate: (token: string, username?: string) => string | undefined = (token, username) => username || token;
  /** Refuses requests, for now or for good: gives an error, or undefined to carry the request out. */
  refuse: (message: Wire) => { code: string; message?: string; retryAfterMs?: number } | undefined = () => undefined;
  /** Answers requests of the application's types; undefined for "unknown type". */
  answer: (message: Wire) => unknown = () => undefined;
  /** Whether messages are carried out and their acks are lost. */
  losesAcks = false;
  /** Everything that clients have said, in order. */
  readonly received: Wire[] = [];
  /** The replies to questions, by their ids. */
  readonly replies = new Map<string, Wire>();
  readonly #rooms = new Map<string, TestRoom>();
  readonly #sessions = new Map<TestSocket, Session>();
  readonly #lost = new Map<string, Session>();
  readonly #once = new Map<string, { ack: Wire; text: string }>();
  readonly #refused = new Set<string>();
  #ids = 0;

  constructor() {
    super();
    this.onOpen = socket => this.#connected(socket);
    this.onMessage = (socket, data) => this.#receive(socket, JSON.parse(data));
  }

  /** A room, by its name. */
  room(name: string): TestRoom {
    let room = this.#rooms.get(name);
    if (!room) {
      room = new TestRoom(name, `epoch-${++this.#ids}`, this);
      this.#rooms.set(name, room);
    }
    return room;
  }

  /** The application asks a question of all clients. */
  ask(id: string, method: string, content: unknown): void {
    for (const { socket } of this.#sessions.values()) this.tell(socket!, { type: 'ask', id, method, content });
  }

  /** Says that the hub goes away, as before 1012. */
  drain(reconnectAfterMs: number): void {
    for (const socket of this.connections) this.tell(socket, { type: 'drain', reconnectAfterMs });
  }

  /** Forgets who was connected, as when the resume window is over. */
  forgetSessions(): void {
    this.#lost.clear();
  }

  tell(socket: TestSocket, message: object): void {
    this.say(socket, JSON.stringify(message));
  }

  protected override ended(socket: TestSocket, code = 1006): void {
    const session = this.#sessions.get(socket);
    if (!session) return;
    this.#sessions.delete(socket);
    for (const room of session.rooms) room.remove(socket);
    session.socket = undefined;
    session.lostAt = this.clock.now();
    if (![1000, 1001, 1005, 1008, 4002].includes(code)) this.#lost.set(session.secret, session);
  }

  #connected(socket: TestSocket): void {
    const offered = (prefix: string) => socket.protocols.find(entry => entry.startsWith(prefix))?.slice(prefix.length);
    const token = offered('bearer.'), secret = offered('session.');
    let userId: string | undefined;
    if (token !== undefined && (userId = this.authenticate(token)) === undefined) {
      socket.end(1008, 'Invalid authentication');
      return;
    }
    const found = secret === undefined ? undefined : this.#lost.get(secret);
    const isResumed = !!found && this.clock.now() - found.lostAt < this.resumeWindow && (!userId || found.userId === userId);
    const session: Session = isResumed ? found! : {
      clientId: `client-${++this.#ids}`, secret: '', userId: undefined, producer: '', socket, rooms: new Set(), lostAt: 0,
    };
    if (isResumed) this.#lost.delete(secret!);
    session.secret = `secret-${++this.#ids}`;
    session.userId = userId ?? session.userId ?? session.clientId;
    session.producer = offered('producer.') ?? session.clientId;
    session.socket = socket;
    this.#sessions.set(socket, session);
    this.tell(socket, {
      type: 'connected', clientId: session.clientId, session: session.secret, resumed: isResumed, node: 'test', pingInterval: 30_000,
      maxMessageBytes: this.maxMessageBytes, idempotencyMs: this.idempotencyMs, userId: session.userId, username: session.userId,
    });
  }

  #receive(socket: TestSocket, message: Wire): void {
    const session = this.#sessions.get(socket);
    if (!session) return;
    this.received.push(message);
    const { type, id } = message;
    const refused = this.#refused.has(message.afterId) ? { code: 'unavailable', retryAfterMs: 0 } : this.refuse(message);
    this.#refused.delete(id);
    if (refused) {
      if (id && ['rate-limited', 'unavailable'].includes(refused.code)) this.#refused.add(id);
      return this.tell(socket, { type: 'error', message: refused.code, ...refused, id });
    }
    switch (type) {
      case 'ping': return this.tell(socket, { type: 'pong', timestamp: this.clock.now(), id });
      case 'auth': return this.#authenticate(socket, session, message);
      case 'join-room': return this.#join(socket, session, message);
      case 'leave-room':
        this.room(message.room).remove(socket);
        return this.tell(socket, { type: 'left-room', room: message.room, id });
      case 'history': return this.tell(socket, { ...this.room(message.room).history(message), id });
      case 'presence': {
        const { state } = this.room(message.room);
        return this.tell(socket, { type: 'presence', room: message.room, members: state.users(), ...state.counts(), id });
      }
      case 'presence-update':
        this.room(message.room).state.touch(session.userId!, message.metadata);
        return this.tell(socket, { type: 'ack', id });
      case 'map-read':
        return this.tell(socket, { type: 'map', room: message.room, entries: this.room(message.room).state.entries(), id });
      case 'map-put': case 'map-remove': return this.#changeMap(socket, session, message);
      case 'read': return this.#read(socket, session, message);
      case 'reply': return void this.replies.set(message.to, message);
      case 'message': case 'chat': case 'direct': return this.#publish(socket, session, message);
      default: {
        const content = this.answer(message);
        this.tell(socket, content === undefined ? { type: 'error', code: 'unknown-type', message: 'Unknown message type', id }
          : { type: 'ack', id, content });
      }
    }
  }

  #authenticate(socket: TestSocket, session: Session, { token, username, id }: Wire): void {
    const userId = this.authenticate(token ?? '', username);
    if (userId === undefined) {
      this.tell(socket, { type: 'auth-failed', message: 'Invalid token', id });
      queueMicrotask(() => queueMicrotask(() => {
        this.ended(socket, 1008);
        socket.end(1008, 'Authentication failed');
      }));
      return;
    }
    session.userId = userId;
    this.tell(socket, { type: 'auth-success', userId, username: userId, id });
  }

  #join(socket: TestSocket, session: Session, { room: name, id, recover, history = 0, map, presence }: Wire): void {
    const room = this.room(name === '$me' ? `$user:${session.userId}` : name);
    const isNew = ![...room.members].some(([, member]) => member.userId === session.userId);
    room.members.set(socket, { userId: session.userId!, username: session.userId! });
    session.rooms.add(room);
    const messages = room.since(recover, history), { state } = room;
    if (isNew) state.touch(session.userId!);
    if (presence) state.watchers.add(socket);
    else state.watchers.delete(socket);
    const { connections: members, ...counts } = state.counts();
    this.tell(socket, {
      type: 'joined-room', room: name, members: room.members.size, epoch: room.epoch, offset: room.offset, tag: room.tag,
      recovered: !!recover && !!messages.recovered, messages: messages.messages, id,
      ...(map && !messages.recovered && { map: { whole: true, entries: state.entries() } }),
      ...(presence && { presence: { whole: true, joined: state.users(), left: [], members, ...counts } }),
      ...state.marker(session.userId!),
    });
    if (isNew) room.send({ type: 'user-joined', userId: session.userId, username: session.userId, members: room.members.size }, socket);
  }

  #changeMap(socket: TestSocket, session: Session, message: Wire): void {
    const key = JSON.stringify([session.userId, session.producer, message.type, message.room, message.id]);
    const before = this.#once.get(key), ack = before ? { ...before.ack, repeated: true } : this.room(message.room).state.change(message);
    if (!before && ack.type === 'ack') this.#once.set(key, { ack, text: '' });
    if (!this.losesAcks) this.tell(socket, { ...ack, id: message.id });
  }

  #read(socket: TestSocket, session: Session, { room: name, offset, id }: Wire): void {
    const userId = session.userId!, room = this.room(name === '$me' ? `$user:${userId}` : name), { state } = room;
    const has = state.read.get(userId) ?? 0;
    state.read.set(userId, Math.min(room.offset, Math.max(has, offset)));
    const { read, unread } = state.marker(userId), now = { room: name, offset: read, unread };
    if (read > has) {
      for (const [other, member] of room.members) {
        if (other !== socket && member.userId === userId) this.tell(other, { type: 'read', epoch: room.epoch, ...now });
      }
    }
    this.tell(socket, { type: 'ack', ...now, id });
  }

  #publish(socket: TestSocket, session: Session, message: Wire): void {
    const { type, id, room: name = type === 'chat' ? '$all' : `$user:${message.userId}`, content = message.message } = message;
    const room = this.room(name);
    if (type === 'message' && !room.members.has(socket)) {
      return this.tell(socket, { type: 'error', code: 'not-in-room', message: 'Not in room', id });
    }
    const key = JSON.stringify([session.userId, session.producer, type, name, id]), text = JSON.stringify(content);
    const before = id && this.#once.get(key);
    if (before && before.text !== text) {
      return this.tell(socket, { type: 'error', code: 'id-reused', message: 'This id was used for another message', id });
    }
    let ack = before ? { ...before.ack, repeated: true } : undefined;
    if (!ack) {
      room.publish(content, { userId: session.userId!, username: session.userId! }, type);
      room.state.read.set(session.userId!, room.offset);
      ack = { type: 'ack', id, ...(type === 'message' && { room: name, offset: room.offset }) };
      if (id) this.#once.set(key, { ack, text });
    }
    if (id && !this.losesAcks) this.tell(socket, ack);
  }
}
