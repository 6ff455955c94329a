import type { IncomingMessage } from 'node:http';

/** @returns why the request is refused; undefined when it is allowed. */
export type Guard = (request: IncomingMessage) => string | undefined;

/**
 * Refuses requests from other web pages. On loopback, a foreign name in the Host header means that an
 * attacker's name resolves to this machine (DNS rebinding). On any address, the browser marks a request from
 * another site's page as cross-site.
 */
export function createGuard(host: string): Guard {
  const onLoopback = isLoopback(host);
  return ({ headers }) => {
    if (onLoopback && !isLoopback(hostName(headers.host)))
      return 'The sandbox listens on loopback and only answers requests to 127.0.0.1, [::1] or localhost.';
    if (headers['sec-fetch-site'] === 'cross-site')
      return 'The sandbox does not answer requests from pages of other sites.';
    return undefined;
  };
}

function hostName(host: string | undefined): string {
  return (host ?? '').replace(/:\d+$/, '').toLowerCase();
}

function isLoopback(name: string): boolean {
  return ['localhost', '::1', '[::1]'].includes(name) || /^127\.\d+\.\d+\.\d+$/.test(name);
}
