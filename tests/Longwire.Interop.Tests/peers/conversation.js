// Messages in whose sizes on the wire it shows whether they were compressed, and whether with the context of the ones before.
import { payload } from './payload.js';

const alike = (number) => Buffer.from(`{"number":${number},"text":"${'the same and '.repeat(50)}"}`);

function noise(size) {
  let state = 1;
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export const conversation = [
  { data: alike(0), binary: false },
  { data: alike(1), binary: false },
  { data: noise(3000), binary: true },
  { data: noise(3000), binary: true },
  { data: noise(100), binary: true },
  { data: payload('text', 70_000), binary: false },
  { data: Buffer.alloc(0), binary: false },
  { data: payload('binary', 40_000), binary: true },
  { data: alike(2), binary: false },
];
