import { randomFillSync } from 'node:crypto';

/** The opcodes of RFC 6455 §5.2. */
export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const;

/** The longest message that is received, in bytes. */
export const MaxMessageBytes = 64 << 20;

/** A frame as received: unmasked, whole. */
export interface Frame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
}

/** A violation of RFC 6455, and the close code that answers it. */
export class ProtocolError extends Error {
  constructor(readonly code: number, text: string) {
    super(text);
  }
}

/** Encodes a frame of a client, masked: fin and opcode, mask bit and length, extended length, masking key, payload (RFC 6455 §5.2). */
export function encodeFrame(opcode: number, payload: Uint8Array): Buffer {
  const length = payload.length;
  const extended = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const frame = Buffer.allocUnsafe(6 + extended + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  else if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const key = 2 + extended, start = key + 4;
  randomFillSync(frame, key, 4);
  for (let i = 0; i < length; i++) frame[start + i] = payload[i]! ^ frame[key + (i & 3)]!;
  return frame;
}

/** Cuts what is received into frames of a server, which are not masked. */
export class FrameReader {
  #received: Buffer[] = [];
  #size = 0;

  add(bytes: Buffer): void {
    this.#received.push(bytes);
    this.#size += bytes.length;
  }

  /** The next whole frame, if it is there. */
  next(): Frame | undefined {
    if (this.#size < 2) return undefined;
    const head = this.#peek(Math.min(10, this.#size));
    const opcode = head[0]! & 15, fin = head[0]! >= 128;
    if (head[0]! & 0x70) throw new ProtocolError(1002, 'A reserved bit is set.');
    if (head[1]! >= 128) throw new ProtocolError(1002, 'A server masks nothing.');
    let length = head[1]!, start = 2;
    if (opcode >= 8 && (!fin || length > 125)) throw new ProtocolError(1002, 'A control frame is whole, and has 125 bytes at most.');
    if (opcode > 10 || (opcode > 2 && opcode < 8)) throw new ProtocolError(1002, 'The opcode is reserved.');
    if (length === 126) {
      start = 4;
      if (head.length < start) return undefined;
      length = head.readUInt16BE(2);
    } else if (length === 127) {
      start = 10;
      if (head.length < start) return undefined;
      length = Number(head.readBigUInt64BE(2));
    }
    if (length > MaxMessageBytes) throw new ProtocolError(1009, 'The message is too big.');
    if (this.#size < start + length) return undefined;
    const all = this.#peek(start + length);
    this.#drop(start + length);
    return { opcode, fin, payload: all.subarray(start) };
  }

  #peek(length: number): Buffer {
    if (this.#received[0]!.length < length) this.#received = [Buffer.concat(this.#received)];
    return this.#received[0]!.subarray(0, length);
  }

  #drop(length: number): void {
    this.#size -= length;
    const rest = this.#received[0]!.subarray(length);
    if (rest.length) this.#received[0] = rest;
    else this.#received.shift();
  }
}
