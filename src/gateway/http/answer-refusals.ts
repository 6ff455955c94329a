import { defined } from '../../collections/defined';
import type { Context, Middleware } from 'koa';
import type { Logger } from '../../telemetry/logger';
import { UploadAborted } from './body-chunks';
import { afterAnswer, beforeAnswer, drainBody, isBodyUnfinished } from './drain-body';
import { waitsForContinue } from './expect-continue';
import { refuse, Refusal, toRefusal } from './refusal';
import { webhookPath } from './webhook-path';

/** The outermost middleware. It answers every error with one sentence and logs it in one line. */
export function answerRefusals(logger: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && !ctx.body) throw noRoute(ctx);
    } catch (error) {
      if (error instanceof UploadAborted) {
        logger.info({ method: ctx.method, path: shortPath(ctx) }, error.message);
        ctx.respond = false;
        return;
      }
      await answer(ctx, logRefusal(logger, ctx, error));
    }
  };
}

function noRoute(ctx: Context): Refusal {
  const methods = ((ctx as unknown as { matched?: { methods: string[] }[] }).matched ?? []).flatMap(
    (layer) => layer.methods,
  );
  if (methods.length === 0) return refuse('not-found', { path: shortPath(ctx) });
  return refuse('method-not-allowed', { method: ctx.method, allow: [...new Set(methods)].sort().join(', ') });
}

function logRefusal(logger: Logger, ctx: Context, error: unknown): Refusal {
  const refusal = toRefusal(error);
  const line = {
    method: ctx.method,
    path: shortPath(ctx),
    status: refusal.status,
    error: refusal.code,
    reason: refusal.body.message,
  };
  const err = error instanceof Error ? (error.cause ?? error) : error;
  if (isFault(refusal, error, ctx)) logger.error({ ...line, err }, 'Failed to handle a request.');
  else if (error === refusal || refusal.status < 500) logger.warn(line, 'Refused a request.');
  else logger.warn({ ...line, cause: err instanceof Error ? err.message : err }, 'Refused a request.');
  return refusal;
}

/**
 * Whether the log needs an error with a stack: for a bug, and for a delivery that the store could not keep. An
 * operator who asks while the store, Temporal or the worker is away gets an expected answer.
 */
function isFault({ status, code }: Refusal, error: unknown, ctx: Context): boolean {
  if (code === 'internal-error') return true;
  return status >= 500 && ctx.path === webhookPath && !(error instanceof Refusal);
}

async function answer(ctx: Context, refusal: Refusal): Promise<void> {
  // while the sender holds the body back, there is nothing to read
  const isBodyHeldBack = waitsForContinue(ctx.req);
  const stillWrites = !isBodyHeldBack && (await drainBody(ctx.req, beforeAnswer));
  // after a complete body, the connection stays open for the next requests
  const isUnfinished = isBodyUnfinished(ctx.req);
  if (!ctx.writable || ctx.headerSent) {
    ctx.respond = false;
    return;
  }
  ctx.status = refusal.status;
  ctx.set({
    ...refusal.headers,
    'Cache-Control': 'no-store',
    ...defined({ Connection: isUnfinished ? 'close' : undefined }),
  });
  // the pages set `refusalAs`
  const asPage = ctx.state['refusalAs'] as ((refusal: Refusal) => Promise<string> | string) | undefined;
  ctx.body = asPage ? await asPage(refusal) : refusal.body;
  if (stillWrites) await answerThenDrain(ctx, asPage ? String(ctx.body) : JSON.stringify(refusal.body));
}

/** The answer has a Content-Length, so the sender knows that it is complete before the connection closes. */
async function answerThenDrain(ctx: Context, text: string): Promise<void> {
  ctx.respond = false;
  ctx.set('Content-Length', String(Buffer.byteLength(text)));
  ctx.res.statusCode = ctx.status;
  ctx.res.write(text);
  await drainBody(ctx.req, afterAnswer);
  ctx.res.end();
}

function shortPath(ctx: Context): string {
  return ctx.path.slice(0, 100);
}
