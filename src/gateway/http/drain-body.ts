import type { IncomingMessage } from 'node:http';
import { clock } from '../../clock/clock';

/** How much of the rest of a refused body the gateway reads. Reading stops at the first limit. */
export interface DrainLimits {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * Applies before the answer. Many senders write the entire body before they read. If the gateway closed the
 * connection while they are writing, they would get a reset instead of the answer.
 * docs/decisions/007-a-refusal-discards-64-mib-more-after-its-answer.md has measurements.
 */
export const beforeAnswer: DrainLimits = { bytes: 1024 * 1024, ms: 2000 };
/** Applies after the answer, while a sender is still writing a large body: a lingering close, as in nginx. */
export const afterAnswer: DrainLimits = { bytes: 64 * 1024 * 1024, ms: 2000 };

/**
 * Reads and discards the rest of a body until it ends, the sender closes the connection, or a limit is
 * reached. Never throws.
 *
 * @returns true when the byte limit was reached and more of the body may still arrive.
 */
export async function drainBody(request: IncomingMessage, limits: DrainLimits): Promise<boolean> {
  if (!isBodyUnfinished(request)) return false;
  let left = limits.bytes;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      cancel();
      request.off('data', onData).off('end', done).off('error', done).off('close', done).pause();
      resolve();
    };
    const onData = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left <= 0) done();
    };
    const cancel = clock.after(limits.ms, done);
    request.on('data', onData).on('end', done).on('error', done).on('close', done).resume();
  });
  return left <= 0 && isBodyUnfinished(request);
}

/** Whether more of the request's body may still arrive. */
export function isBodyUnfinished(request: IncomingMessage): boolean {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  return hasBody && !request.readableEnded && !request.destroyed;
}
