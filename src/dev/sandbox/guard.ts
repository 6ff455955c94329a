import type { IncomingMessage } from 'node:http';

/** Why a request is refused; undefined when it is not. */
export type Guard = (request: IncomingMessage) => string | undefined;

/**
 * Keeps web pages out. On loopback a name other than loopback's in the Host header is a page whose name was pointed at this machine
 * (DNS rebinding); on any address a request that the browser calls cross-site comes from another page.
 */
export function createGuard(host: string): Guard {
  const onLoopback = isLoopback(host);
  return ({ headers }) => {
    if (onLoopback && !isLoopback(hostName(headers.host)))
      return 'The sandbox listens on loopback and answers to 127.0.0.1, [::1] and localhost alone.';
    if (headers['sec-fetch-site'] === 'cross-site')
      return 'The sandbox does not answer to pages of other sites.';
    return undefined;
  };
}

/** The Host header without its port. */
function hostName(host: string | undefined): string {
  return (host ?? '').replace(/:\d+$/, '').toLowerCase();
}

function isLoopback(name: string): boolean {
  return ['localhost', '::1', '[::1]'].includes(name) || /^127\.\d+\.\d+\.\d+$/.test(name);
}
