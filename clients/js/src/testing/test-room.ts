import type { Sender, Wire } from '../hub/messages.js';
import type { TestHub } from './test-hub.js';
import type { TestSocket } from './test-socket.js';

/** A room of a `TestHub`. */
export class TestRoom {
  offset = 0;
  tag = 'tag-0';
  readonly members = new Map<TestSocket, Sender>();
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
  send(message: Wire, except?: TestSocket): void {
    for (const member of this.members.keys()) if (member !== except) this.#hub.tell(member, { ...message, room: this.name });
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
    if (!recover) return { recovered: false, messages: history ? this.#messages.slice(-history) : [] };
    const missed = this.#messages.filter(message => message.offset > recover.offset);
    const recovered = recover.epoch === this.epoch && recover.offset <= this.offset && missed.length === this.offset - recover.offset;
    return { recovered, messages: recovered ? missed : [...this.#messages] };
  }

  /** The answer to a request for the past. */
  history({ since, before = Infinity, limit = 1_000 }: Wire): Wire {
    const found = this.#messages.filter(message => message.offset > (since ?? 0) && message.offset < before);
    return {
      type: 'history', room: this.name, epoch: this.epoch, offset: this.offset, tag: this.tag,
      messages: since === undefined ? found.slice(-limit) : found.slice(0, limit),
    };
  }
}
