import type { Sender, Wire } from '../hub/messages.js';
import type { TestHub } from './test-hub.js';
import { TestState } from './test-state.js';
import type { TestSocket } from './test-socket.js';

/** A room of a `TestHub`. */
export class TestRoom {
  offset = 0;
  tag = 'tag-0';
  readonly members = new Map<TestSocket, Sender>();
  /** The room's map, users and read markers. */
  readonly state = new TestState(this);
  readonly #hub: TestHub;
  #messages: Wire[] = [];

  constructor(readonly name: string, public epoch: string, hub: TestHub) {
    this.#hub = hub;
  }

  /** The kept publications, the oldest first. */
  get messages(): readonly Wire[] { return this.#messages; }

  /** Publishes: it gets an offset, is kept, and reaches every member. */
  publish(content: unknown, sender: Sender = { userId: 'server', username: 'server' }, type = 'message'): Wire {
    this.offset++;
    this.tag = `tag-${this.offset}`;
    const isOwn = this.name.startsWith('$');
    const message: Wire = {
      type, ...(!isOwn && { room: this.name }),
      ...(type === 'direct' ? { from: sender.userId, username: sender.username } : sender),
      ...(['message', 'chat', 'direct'].includes(type) ? { message: content } : content as object),
      timestamp: this.#hub.clock.now(), epoch: this.epoch, offset: this.offset, tag: this.tag,
    };
    this.#messages.push(message);
    if (this.#messages.length > this.#hub.historySize) this.#messages.shift();
    for (const member of this.members.keys()) this.#hub.tell(member, message);
    return message;
  }

  /** Sends what is passing: no offset, not kept. */
  send(message: Wire, except?: TestSocket, to: Iterable<TestSocket> = this.members.keys()): void {
    for (const member of to) if (member !== except) this.#hub.tell(member, { ...message, room: this.name });
  }

  /** A connection is in the room no more. */
  remove(socket: TestSocket): void {
    const member = this.members.get(socket);
    this.members.delete(socket);
    this.state.watchers.delete(socket);
    if (member) this.state.touch(member.userId);
  }

  /** Says that something was lost, and begins anew at the present offset. */
  reset(): void {
    this.epoch += "'";
    this.#messages = [];
    this.send({ type: 'room-reset', epoch: this.epoch, offset: this.offset, tag: this.tag, recovered: false });
  }

  /** Takes a member out, as the application may. */
  putOut(reason?: string): void {
    this.send({ type: 'left-room', ...(reason && { reason }) });
    this.members.clear();
  }

  /** The messages for a joiner. */
  since(recover: { epoch: string; offset: number } | undefined, history: number): { recovered: boolean; messages: Wire[] } {
    const past = this.#messages.filter(({ type }) => type !== 'map-changed');
    if (!recover) return { recovered: false, messages: history ? past.slice(-history) : [] };
    const missed = this.#messages.filter(message => message.offset > recover.offset);
    const recovered = recover.epoch === this.epoch && recover.offset <= this.offset && missed.length === this.offset - recover.offset;
    return { recovered, messages: recovered ? missed : past };
  }

  /** The answer to a request for the past. */
  history({ since, before = Infinity, limit = 1_000 }: Wire): Wire {
    const found = this.#messages.filter(message => message.type !== 'map-changed' && message.offset > (since ?? 0) && message.offset < before);
    return {
      type: 'history', room: this.name, epoch: this.epoch, offset: this.offset, tag: this.tag,
      messages: since === undefined ? found.slice(-limit) : found.slice(0, limit),
    };
  }
}
