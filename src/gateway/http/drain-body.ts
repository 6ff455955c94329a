import type { IncomingMessage } from 'node:http';

/** How much of a refused body the gateway still reads, at most. */
export interface DrainLimits {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * Before the answer. Many senders write the whole body before they read. If the gateway closed the connection
 * while they write, they would get a reset instead of the answer.
 * docs/decisions/007-a-refusal-discards-64-mib-more-after-its-answer.md has measurements.
 */
export const beforeAnswer: DrainLimits = { bytes: 1024 * 1024, ms: 2000 };
/** After the answer, for senders of large bodies that still write (a lingering close, as in nginx). */
export const afterAnswer: DrainLimits = { bytes: 64 * 1024 * 1024, ms: 2000 };

/**
 * Reads and discards the rest of a body until it ends, the sender goes away, or a limit is reached. Never
 * throws.
 *
 * @returns true when the limit of bytes was reached and the sender still writes.
 */
export async function drainBody(request: IncomingMessage, limits: DrainLimits): Promise<boolean> {
  if (!isBodyUnfinished(request)) return false;
  let left = limits.bytes;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', done).off('error', done).off('close', done).pause();
      resolve();
    };
    const onData = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left <= 0) done();
    };
    const timer = setTimeout(done, limits.ms);
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
