import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

/**
 * Security headers of every page: it loads only what this gateway serves, has no inline script and cannot be
 * framed.
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
    // With no-referrer browsers send `Origin: null` with our own forms, and same-origin.ts has to refuse those.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: false, // it binds the whole host, so the proxy that terminates TLS decides it
  });
}
