// Pictures as messages of bytes. A file of others is believed by its first bytes alone, and shown from a blob's address, where no
// script runs.

const LargestBytes = 60_000;
const Sides = [1280, 960, 720, 480, 320];

const Signatures = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]], // the nulls: a length
];

/** The type of a picture, by its first bytes; undefined for anything else. */
export function typeOf(bytes) {
  return Signatures.find(([, signature]) => signature.every((byte, index) => byte === null || byte === bytes[index]))?.[0];
}

/** An address for an `img`; to be revoked when it is no longer shown. Undefined for what is no picture. */
export function addressOf(bytes) {
  const type = typeOf(bytes);
  return type && URL.createObjectURL(new Blob([bytes], { type }));
}

/** The bytes of a file to send: as they are, or drawn again smaller where they are too many. */
export async function bytesOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.length <= LargestBytes && typeOf(bytes)) return bytes;
  const picture = await createImageBitmap(file);
  for (const side of Sides) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)));
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
    if (blob.size <= LargestBytes) return new Uint8Array(await blob.arrayBuffer());
  }
  throw new Error('the picture is too large');
}
