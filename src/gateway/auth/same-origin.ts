import type { IncomingMessage } from 'node:http';
import { refuse } from '../http/refusal';

const safe: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses unsafe requests that a signed-in browser may send for another site's page. `SameSite=Strict` is the
 * second protection.
 *
 * Browsers report the source of a request in `Sec-Fetch-Site`, which no page can set. They omit it on plain
 * http to another machine. Then `Origin` must equal the configured address, or the request's own Host. Host
 * is the sender's claim, but the sender here is the victim's browser: it sends the address it connects to,
 * and a page can change neither header. With DNS rebinding another name points to the gateway and makes both
 * equal, but the browser does not send the cookie to that other name.
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
  // none: the user's own action, such as a reload
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  if (origin === own.origin) return true;
  return (
    host !== undefined &&
    (origin === `https://${host}` || (origin === `http://${host}` && own.protocol === 'http:'))
  );
}
