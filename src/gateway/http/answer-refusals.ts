import { defined } from '../../collections/defined';
import type { Context, Middleware } from 'koa';
import type { Logger } from '../../telemetry/logger';
import { UploadAborted } from './body-chunks';
import { holdsBodyBack } from './expect-continue';
import { afterAnswer, beforeAnswer, isUnfinished, readOn } from './drain';
import { refuse, type Refusal, toRefusal } from './refusal';

/** Outermost middleware: whatever is thrown inside becomes one sentence for the sender, and one line in the log. */
export function answerRefusals(logger: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && !ctx.body) throw noRoute(ctx);
    } catch (error) {
      if (error instanceof UploadAborted) {
        logger.info({ method: ctx.method, path: shownPath(ctx) }, error.message);
        ctx.respond = false;
        return;
      }
      await answer(ctx, logRefusal(logger, ctx, error));
    }
  };
}

function noRoute(ctx: Context): Refusal {
  const layers = ((ctx as unknown as { matched?: { methods: string[] }[] }).matched ?? []).flatMap(
    (layer) => layer.methods,
  );
  if (layers.length === 0) return refuse('not-found', { path: shownPath(ctx) });
  const allow = [...new Set(layers)].sort().join(', ');
  return refuse('method-not-allowed', { method: ctx.method, allow });
}

function logRefusal(logger: Logger, ctx: Context, error: unknown): Refusal {
  const refusal = toRefusal(error);
  const line = {
    method: ctx.method,
    path: shownPath(ctx),
    status: refusal.status,
    error: refusal.code,
    reason: refusal.body.message,
  };
  if (refusal.status < 500) logger.warn(line, 'Refused a request.');
  else
    logger.error(
      { ...line, err: error instanceof Error ? (error.cause ?? error) : error },
      'Failed on a request.',
    );
  return refusal;
}

async function answer(ctx: Context, refusal: Refusal): Promise<void> {
  const held = holdsBodyBack(ctx.req); // the sender waits for our word before it sends the body: there is nothing to read
  const stillWrites = !held && (await readOn(ctx.req, beforeAnswer));
  const unfinished = isUnfinished(ctx.req); // a body that came whole leaves the connection to the requests behind it
  if (!ctx.writable || ctx.headerSent) {
    ctx.respond = false;
    return;
  }
  ctx.status = refusal.status;
  ctx.set({
    ...refusal.headers,
    'Cache-Control': 'no-store',
    ...defined({ Connection: unfinished ? 'close' : undefined }),
  });
  const asPage = ctx.state['refusalAs'] as ((refusal: Refusal) => Promise<string> | string) | undefined; // set by the pages
  ctx.body = asPage ? await asPage(refusal) : refusal.body;
  if (stillWrites) await answerThenLinger(ctx, asPage ? String(ctx.body) : JSON.stringify(refusal.body));
}

/** The answer has its length, so the sender has it whole before we close. */
async function answerThenLinger(ctx: Context, text: string): Promise<void> {
  ctx.respond = false;
  ctx.set('Content-Length', String(Buffer.byteLength(text)));
  ctx.res.statusCode = ctx.status;
  ctx.res.write(text);
  await readOn(ctx.req, afterAnswer);
  ctx.res.end();
}

function shownPath(ctx: Context): string {
  return ctx.path.slice(0, 100);
}
