import type { Context } from 'koa';
import { createHash } from 'node:crypto';
import type { FlashName } from './flash-message';
import type { Html } from './html-helpers';

export function sendPage(ctx: Context, page: string): void {
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = page;
}

/** Sends the live parts of a page, or 304 if they have not changed. */
export async function sendLive(ctx: Context, parts: Html): Promise<void> {
  const text = (await parts).toString();
  ctx.status = 200;
  ctx.set('ETag', `"${createHash('sha256').update(text).digest('base64url')}"`);
  if (ctx.fresh) ctx.status = 304;
  else sendPage(ctx, text);
}

/** Redirects with 303. @param path a path of this gateway, never an unchecked path from the request. */
export function seeOther(ctx: Context, path: string, flash?: FlashName): void {
  ctx.redirect(flash === undefined ? path : `${path}?said=${flash}`);
  ctx.status = 303;
  ctx.body = '';
}
