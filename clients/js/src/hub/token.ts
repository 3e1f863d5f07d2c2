/** Whether a token can be an entry of `Sec-WebSocket-Protocol` for certain: a JWT, or another in Base64 for addresses. */
export function fitsHandshake(token: string): boolean {
  return /^[\w.~-]+$/.test(token);
}

/** The claims of a JWT, unverified; none for another token. */
export function claimsOf(token: string): { sub?: string; iat?: number; exp?: number } {
  try {
    return JSON.parse(atob(token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/'))) ?? {};
  } catch {
    return {};
  }
}

/** Random text of 128 bits. */
export function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), part => part.toString(36)).join('');
}
