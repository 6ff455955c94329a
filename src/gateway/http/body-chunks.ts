import type { IncomingMessage } from 'node:http';
import { refuse } from './refusal';
import type { SlowUploads } from './slow-uploads';
import { slowAfterMs, type UploadRate, UploadWatch } from './upload-rate';

/** The sender went away before the end of the body: nobody is there to answer. */
export class UploadAborted extends Error {
  override readonly name = 'UploadAborted';
}

export interface BodyLimits {
  /** Bytes of the body, at most. */
  readonly maxBytes: number;
  readonly rate: UploadRate;
  /** Shared by all uploads of a gateway; a few bytes from an operator need none. */
  readonly slowUploads?: SlowUploads;
}

/**
 * The body as it comes, with back-pressure. When the consumer stops early, the rest of the body stays in the connection for
 * `readOn` (Node's own iterator would destroy it, and the sender would see a reset instead of a sentence).
 *
 * @throws {Refusal} 413 over the cap, 408 below the least rate, 503 when too many are slow. @throws {UploadAborted}
 */
export async function* bodyChunks(
  request: IncomingMessage,
  { maxBytes, rate, slowUploads }: BodyLimits,
): AsyncGenerator<Buffer, void, undefined> {
  const watch = new UploadWatch(rate);
  const events = listenTo(request);
  let crowdedOut = false;
  const end = (): void => {
    crowdedOut = true;
    events.wake();
  };
  let bytes = 0;
  try {
    for (;;) {
      const chunk = request.read() as Buffer | null;
      if (chunk) {
        bytes += chunk.length;
        watch.took(chunk.length);
        if (bytes > maxBytes) throw refuse('body-too-large', { maxBytes });
        yield chunk;
      } else if (request.readableEnded) return;
      else if (request.destroyed) throw new UploadAborted(`The sender went away after ${bytes} bytes.`);
      else if (crowdedOut) throw refuse('too-many-slow-uploads', { bytes });
      else if (watch.stalledAfter(await events.next(Math.min(watch.leftMs, slowAfterMs))))
        throw refuse('upload-stalled', { bytes, minBytes: rate.bytes, windowMs: rate.windowMs });
      else slowUploads?.look(watch, end);
    }
  } finally {
    slowUploads?.forget(watch);
    events.stop();
  }
}

/** `next` waits until something happens to the request, at most `ms`; answers how long it waited, in ms. */
function listenTo(request: IncomingMessage): {
  next(ms: number): Promise<number>;
  wake(): void;
  stop(): void;
} {
  let wake = (): void => undefined;
  const onEvent = (): void => wake();
  const names = ['readable', 'end', 'error', 'close'];
  for (const name of names) request.on(name, onEvent);
  return {
    async next(ms) {
      const from = performance.now();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      return performance.now() - from;
    },
    wake: onEvent,
    stop() {
      for (const name of names) request.off(name, onEvent);
    },
  };
}
