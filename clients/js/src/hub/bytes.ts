/** Writes a message that is bytes (hub.md, Bytes): `01 | n room | n id | payload`. The lengths are varints: two bytes, and one. */
export function encode(room: string, id: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const [first, second] = [room, id].map(text => [...new TextEncoder().encode(text)]) as [number[], number[]];
  const { length } = first;
  return new Uint8Array([1, length & 127 | 128, length >> 7, ...first, second.length, ...second, ...payload]);
}
