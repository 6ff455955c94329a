import type Router from '@koa/router';
import { createHash } from 'node:crypto';
import { icon } from './icon';
import { liveScript } from './live-script';
import { style } from './style';

const assets: Readonly<Record<string, readonly [type: string, text: string]>> = {
  'style.css': ['text/css; charset=utf-8', style],
  'live.js': ['text/javascript; charset=utf-8', liveScript],
  'icon.svg': ['image/svg+xml', icon],
};

/**
 * Serves three small files from memory. Browsers revalidate them on every use, so that the page and the
 * script always have the same version.
 */
export function mountAssets(router: Router): void {
  for (const [name, [type, text]] of Object.entries(assets)) {
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
    router.get(`/assets/${name}`, (ctx) => {
      ctx.set({ 'Cache-Control': 'no-cache', ETag: etag });
      ctx.status = 200;
      if (ctx.fresh) ctx.status = 304;
      else ctx.body = text;
      ctx.type = type;
    });
  }
}
