import type { IncomingMessage } from 'node:http';
import { clock } from '../../clock/clock';
import { formatNumber } from '../../text/format-number';
import { refuse } from './refusal';
import type { SlowUploads } from './slow-uploads';
import { slowAfterMs, type UploadRate, UploadWatch } from './upload-rate';

/** Thrown when the sender closed the connection before the end of the body, so an answer is impossible. */
export class UploadAborted extends Error {
  override readonly name = 'UploadAborted';
}

export interface BodyLimits {
  /** Maximum bytes of the body. */
  readonly maxBytes: number;
  readonly rate: UploadRate;
  /** Shared by all deliveries to a gateway. Absent for an operator's request, whose body is small. */
  readonly slowUploads?: SlowUploads;
}

/**
 * Reads the body in chunks, with backpressure. If the consumer stops early, the rest of the body stays in the
 * connection for `drainBody`. Node's own iterator would destroy the request, and the sender would get a reset
 * instead of the answer.
 *
 * @throws {Refusal} 413 when the body is too large; 408 when it is below the minimum rate; 503 when too many
 *   uploads are slow.
 * @throws {UploadAborted} when the sender closes the connection.
 */
export async function* bodyChunks(
  request: IncomingMessage,
  { maxBytes, rate, slowUploads }: BodyLimits,
): AsyncGenerator<Buffer, void, undefined> {
  const watch = new UploadWatch(rate);
  const events = watchEvents(request);
  let isCrowdedOut = false;
  const crowdOut = (): void => {
    isCrowdedOut = true;
    events.wake();
  };
  let bytes = 0;
  try {
    for (;;) {
      const chunk = request.read() as Buffer | null;
      if (chunk) {
        bytes += chunk.length;
        watch.addBytes(chunk.length);
        if (bytes > maxBytes)
          throw refuse('body-too-large', { maxBytes, isDelivery: slowUploads !== undefined });
        yield chunk;
      } else if (request.readableEnded) return;
      else if (request.destroyed)
        throw new UploadAborted(`The sender closed the connection after ${formatNumber(bytes)} bytes.`);
      else if (isCrowdedOut) throw refuse('too-many-slow-uploads', { bytes });
      else if (watch.addWait(await events.next(Math.min(watch.remainingMs, slowAfterMs))))
        throw refuse('upload-stalled', { bytes, minBytes: rate.bytes, windowMs: rate.windowMs });
      else slowUploads?.update(watch, crowdOut);
    }
  } finally {
    slowUploads?.remove(watch);
    events.stop();
  }
}

/** `next` waits for the request's next event, at most `ms`, and returns how long it waited, in ms. */
function watchEvents(request: IncomingMessage): {
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
      const from = clock.monotonic();
      await new Promise<void>((resolve) => {
        const cancel = clock.after(ms, resolve);
        wake = () => {
          cancel();
          resolve();
        };
      });
      return clock.monotonic() - from;
    },
    wake: onEvent,
    stop() {
      for (const name of names) request.off(name, onEvent);
    },
  };
}
