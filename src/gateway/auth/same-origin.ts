import type { IncomingMessage } from 'node:http';
import { refuse } from '../http/refusal';

const safeMethods: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses unsafe requests that another site's page may have made a signed-in browser send. The cookie's
 * `SameSite=Strict` is the second protection.
 *
 * Browsers report the source of a request in `Sec-Fetch-Site`, which no page can set. They omit it on plain
 * http to another machine. Then `Origin` must equal the configured address or the request's own Host. The
 * sender sets Host, but the sender to defend against is the victim's own browser: it sends the address that
 * it connects to, and a page can change neither header. With DNS rebinding, another name points to the
 * gateway and makes the two headers equal, but the browser does not send the cookie to that other name.
 */
export function createSameOriginCheck(publicUrl: string): (request: IncomingMessage) => void {
  const own = new URL(publicUrl);
  return (request) => {
    if (safeMethods.has(request.method) || isSameOrigin(request, own)) return;
    throw refuse('cross-site');
  };
}

function isSameOrigin({ headers }: IncomingMessage, own: URL): boolean {
  const site = headers['sec-fetch-site'];
  // `none` means the user's own action, such as a reload
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  if (origin === own.origin) return true;
  return (
    host !== undefined &&
    (origin === `https://${host}` || (origin === `http://${host}` && own.protocol === 'http:'))
  );
}
