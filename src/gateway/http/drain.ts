import type { IncomingMessage } from 'node:http';

/** What is still read of a refused body, at most. */
export interface ReadOnLimits {
  readonly bytes: number;
  readonly ms: number;
}

/** Before the answer: many senders write all before they read, and closing while they write gives them a reset instead of the sentence. */
export const beforeAnswer: ReadOnLimits = { bytes: 1024 * 1024, ms: 2000 };
/** After the answer, for senders of large bodies: the last bytes of the answer may still be on their way (a lingering close, as nginx does). */
export const afterAnswer: ReadOnLimits = { bytes: 64 * 1024 * 1024, ms: 2000 };

/**
 * Reads and forgets the rest of a body, until it has ended, the sender went away, or a limit is reached; never throws.
 *
 * @returns whether the sender still writes: the limit of bytes was reached.
 */
export async function readOn(request: IncomingMessage, limits: ReadOnLimits): Promise<boolean> {
  if (!isUnfinished(request)) return false;
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
  return left <= 0 && isUnfinished(request);
}

/** Whether some of the request's body may still come. */
export function isUnfinished(request: IncomingMessage): boolean {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  return hasBody && !request.readableEnded && !request.destroyed;
}
