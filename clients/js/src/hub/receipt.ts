import type { OutboxEntry } from './outbox.js';

/** Where a publication is: waiting, under way, published, refused, or nobody knows. */
export type ReceiptState = 'queued' | 'sent' | 'acked' | 'refused' | 'uncertain';

/** The hub's word that a message is published. */
export interface Ack {
  readonly id: string;
  readonly room?: string;
  /** Its place in the room. */
  readonly offset?: number;
  /** It had been published by an earlier try. */
  readonly repeated?: boolean;
  readonly content?: any;
}

/** What becomes of a publication. Nothing is lost by not looking at it. */
export class SendReceipt {
  #entry: OutboxEntry;

  /** @internal */
  constructor(entry: OutboxEntry) {
    this.#entry = entry;
  }

  get id(): string { return this.#entry.id; }
  get state(): ReceiptState { return this.#entry.state; }
  /** The ack; rejects with a `HubRefusedError` or an `UncertainDeliveryError`. */
  get acked(): Promise<Ack> { return this.#entry.acked; }
  /** When it is safe from a reload of the page; at once where the outbox is in memory. */
  get kept(): Promise<void> { return this.#entry.kept; }
}
