import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

/**
 * Sets the security headers of every page: it may load only what this gateway serves, run no inline script,
 * and not be framed.
 */
export function pageHeaders(): Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    // With `no-referrer`, browsers send `Origin: null` with our forms, and same-origin.ts must refuse that.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: false, // it applies to the entire host, so the TLS proxy decides
  });
}
