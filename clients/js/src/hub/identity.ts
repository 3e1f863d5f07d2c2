import type { UrlProvider } from '../socket/options.js';
import type { HubClientOptions } from './options.js';
import type { claimsOf } from './token.js';

/** Whose a kept outbox or a shared connection is. */
export interface ClientIdentity {
  /** The address without its query. */
  readonly url: string;
  readonly user: string;
}

/** Finds out where a client connects to, and as whom: before it has. */
export async function identityOf(url: UrlProvider, options: HubClientOptions, read: typeof claimsOf): Promise<ClientIdentity> {
  const address = typeof url === 'function' ? await url() : url;
  return {
    url: new URL(address, globalThis.location?.href).href.replace(/[?#].*/, '').replace(/^http/, 'ws'),
    user: options.user ?? await userOf(options, read),
  };
}

async function userOf({ token: given, username = '' }: HubClientOptions, read: typeof claimsOf): Promise<string> {
  const token = typeof given === 'function' ? await given() : given;
  if (!token) return username;
  const { sub } = read(token);
  if (sub) return sub;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
  return `${username} ${btoa(String.fromCharCode(...hash))}`;
}
