import type { Context, Middleware } from 'koa';
import type { Logger } from '../../telemetry/logger';

/** What a socket reports when its other end is gone. A reset behind HAProxy is the usual case. */
const socketCodes: ReadonlySet<unknown> = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT']);
/** What follows from it for a stream that is being sent. */
const streamCodes: ReadonlySet<unknown> = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);

/**
 * Logs one info line for a connection that closes after a complete request and before the end of its answer. If
 * it closes within the request, whoever reads the body logs the line.
 */
export function logClosedConnections(logger: Logger): Middleware {
  return async (ctx, next) => {
    ctx.res.once('close', () => {
      if (!ctx.req.complete || ctx.res.writableFinished || ctx.state['answerFailed'] === true) return;
      const { method, path } = ctx;
      logger.info(
        { method, path: path.slice(0, 100) },
        'The client closed the connection before the answer.',
      );
    });
    await next();
  };
}

/**
 * Logs what Koa reports outside of the middleware: an answer that fails while it is sent, for example a report
 * that the store cannot read to its end. Logs only the first error of an answer, and none that only means that
 * the connection is gone: `logClosedConnections` logs that.
 */
export function logKoaError(logger: Logger, err: unknown, ctx?: Context): void {
  if (ctx?.state['answerFailed'] === true || isDisconnect(err, ctx)) return;
  if (ctx) ctx.state['answerFailed'] = true;
  logger.error({ err, method: ctx?.method, path: ctx?.path.slice(0, 100) }, 'An answer failed.');
}

function isDisconnect(err: unknown, ctx: Context | undefined): boolean {
  const { code } = (err ?? {}) as NodeJS.ErrnoException;
  // a file on a network drive may fail with a socket's code
  const isFaultOfBody = err === (ctx?.body as { readonly errored?: unknown } | null | undefined)?.errored;
  return streamCodes.has(code) || (socketCodes.has(code) && !isFaultOfBody);
}
