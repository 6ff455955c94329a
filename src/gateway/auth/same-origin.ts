import type { IncomingMessage } from 'node:http';
import { refuse } from '../http/refusal';

const safe: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses unsafe requests that another site's page may have made a signed-in browser send; `SameSite=Strict` is the lock beside it.
 *
 * Browsers say where a request comes from in `Sec-Fetch-Site`, which no page can set. They leave it out on plain http to another
 * machine; then `Origin` has to be the configured one, or that of the request's own Host. Host is the sender's claim, but the sender
 * here is the victim's browser: it puts the address it connects to, and a page can change neither. A name that is pointed to us
 * (DNS rebinding) makes both equal, but the cookie belongs to another name and does not come along.
 */
export function createSameOriginCheck(publicUrl: string): (request: IncomingMessage) => void {
  const own = new URL(publicUrl);
  return (request) => {
    if (safe.has(request.method) || isSameOrigin(request, own)) return;
    throw refuse('cross-site');
  };
}

function isSameOrigin({ headers }: IncomingMessage, own: URL): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none'; // none: a person's own doing, such as a reload
  const { origin, host } = headers;
  if (origin === own.origin) return true;
  return (
    host !== undefined &&
    (origin === `https://${host}` || (origin === `http://${host}` && own.protocol === 'http:'))
  );
}
