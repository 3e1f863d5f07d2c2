import type { Wire } from './messages.js';

const Publication = 1;

/**
 * Reads a binary message (hub.md, Bytes):
 * `01 | n room | n userId | n username | n epoch | varint offset | n tag | 8 bytes timestamp, big-endian | payload`.
 */
function decode(data: ArrayBuffer): Wire | undefined {
  const bytes = new Uint8Array(data);
  let at = 1;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      if (at > bytes.length) throw new RangeError('A binary message is cut short');
    }
  };
  const text = () => {
    const length = varint();
    return new TextDecoder().decode(bytes.subarray(at, at += length));
  };
  if (bytes[0] !== Publication) return undefined;
  const room = text(), userId = text(), username = text(), epoch = text(), offset = varint(), tag = text();
  const timestamp = Number(new DataView(data).getBigUint64(at));
  return {
    type: 'message', ...(room && { room }), userId, username, timestamp, binary: bytes.slice(at + 8),
    ...(epoch && { epoch, offset, tag }),
  };
}

/** Bytes of the past come in Base64. */
function revive(this: any, key: string, value: unknown): unknown {
  return key === 'binary' && typeof value === 'string' && this.type === 'message' && this.epoch && this.offset
    ? Uint8Array.from(atob(value), character => character.charCodeAt(0)) : value;
}

/** Reads a message of a hub, text or bytes; undefined for neither. */
export function read(data: string | ArrayBuffer): Wire | undefined {
  try {
    return typeof data === 'string' ? JSON.parse(data, revive) : decode(data);
  } catch {
    return undefined;
  }
}
