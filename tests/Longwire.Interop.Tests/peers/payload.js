// The payload of a size, the same in each language: bytes that count up by a prime, or text with characters of 1 to 4 bytes.
export function payload(type, size) {
  if (type === 'binary') {
    const bytes = Buffer.alloc(size);
    for (let i = 0; i < size; i++) bytes[i] = i * 31;
    return bytes;
  }
  const pattern = Buffer.from('aé世👋');
  const text = Buffer.alloc(size, 'x');
  for (let start = 0; start + pattern.length <= size; start += pattern.length) pattern.copy(text, start);
  return text;
}
