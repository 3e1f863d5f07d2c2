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

/** The fate of a publication. Nothing is lost by not looking at it. */
export interface SendReceipt {
  readonly id: string;
  /** As it is now. */
  readonly state: ReceiptState;
  /** The ack; rejects with a `HubRefusedError` or an `UncertainDeliveryError`. */
  readonly acked: Promise<Ack>;
  /** When it is safe from a reload of the page; at once where the outbox is in memory. */
  readonly kept: Promise<void>;
}
