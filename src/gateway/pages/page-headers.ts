import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

/** Headers of every page: nothing is loaded or framed but what this gateway serves, and no script stands in a page itself. */
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
    referrerPolicy: { policy: 'same-origin' }, // with no-referrer browsers send `Origin: null` with our own forms, which same-origin.ts must refuse
    strictTransportSecurity: false, // promised for the whole host: for whoever ends TLS to say
  });
}
