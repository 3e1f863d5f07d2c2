// Frames as the server's FrameWriter writes them, and snapshots put together again from them.

const Remembered = 64;
const [IsX, IsY, IsWorth, IsNew] = [1, 2, 4, 8];

/** The snapshots that this page has, by their steps: what is new comes as the difference from one of them. */
export class Snapshots {
  #known = new Map(); // step → Map of id → { kind, x, y, worth }

  /** How many bytes the frames would have had if each had told everything. */
  wholeBytes = 0;
  compared = 0;
  wrong = 0;
  newest = 0;

  /** Reads a frame; undefined where it can't be read, since what it builds on is not here. */
  read(bytes) {
    const reader = new Reader(bytes);
    const step = reader.uint32();
    const age = reader.varint();
    const before = age ? this.#known.get(step - age) : new Map();
    if (!before) {
      // Asks for everything.
      this.forget();
      return undefined;
    }
    const lastInput = reader.varint();
    const own = { x: reader.uint16(), y: reader.uint16(), speedX: reader.int16(), speedY: reader.int16(), score: reader.varint() };
    const entities = readDifferences(reader, before);
    this.#compare(entities, reader.uint32());
    this.#known.set(step, entities);
    this.#known.delete(step - Remembered);
    if (this.#known.size > Remembered) for (const old of this.#known.keys()) if (old <= step - Remembered) this.#known.delete(old);
    this.newest = Math.max(this.newest, step);
    this.wholeBytes += 24 + entities.size * 9;
    return { step, lastInput, own, entities };
  }

  /** The server is another one, or the seat is new: steps count anew. */
  forget() {
    this.#known.clear();
    this.newest = 0;
  }

  #compare(entities, hash) {
    this.compared += 1;
    if (hashOf(entities) !== hash) this.wrong += 1;
  }
}

function readDifferences(reader, before) {
  const entities = new Map(before);
  let id = -1;
  for (let more = reader.varint(); more; more = reader.varint()) {
    id += more;
    const what = reader.byte();
    if (what === 0) entities.delete(id);
    else if (what & IsNew) entities.set(id, { kind: reader.byte(), x: reader.uint16(), y: reader.uint16(), worth: reader.varint() });
    else {
      const { kind, x, y, worth } = entities.get(id);
      entities.set(id, {
        kind,
        x: what & IsX ? x + reader.zigzag() : x,
        y: what & IsY ? y + reader.zigzag() : y,
        worth: what & IsWorth ? worth + reader.zigzag() : worth,
      });
    }
  }
  return entities;
}

function hashOf(entities) {
  let hash = 2_166_136_261;
  for (const id of [...entities.keys()].sort((a, b) => a - b)) {
    const { kind, x, y, worth } = entities.get(id);
    for (const value of [id, kind, x, y, worth]) hash = Math.imul(hash ^ value, 16_777_619);
  }
  return hash >>> 0;
}

class Reader {
  #bytes;
  #view;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte() { return this.#bytes[this.#at++]; }
  uint16() { return this.#view.getUint16((this.#at += 2) - 2, true); }
  int16() { return this.#view.getInt16((this.#at += 2) - 2, true); }
  uint32() { return this.#view.getUint32((this.#at += 4) - 4, true); }

  varint() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  zigzag() {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }
}
