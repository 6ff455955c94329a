import { createHash, type Hash } from 'node:crypto';
import type { ExportRequest } from '../../domain/request';
import { BodyError } from '../../export-body/body-error';
import type { Envelope } from '../../export-body/envelope';
import { type ReadElement, readExport } from '../../export-body/read-export';
import { deliveryKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { stopIfCancelled } from '../heartbeating';
import { Unplannable } from './unplannable';

/** How much of a delivery has been read; the heartbeat shows it. */
export interface ReadProgress {
  bytes: number;
  elements: number;
}

/**
 * Reads a request's delivery once and hashes its bytes in the same pass. Don't use what `take` received
 * before this returns, because the hash is checked last.
 * @throws {Unplannable} when the delivery is missing, was changed, or belongs to another issue.
 */
export async function readDelivery(
  store: PayloadStore,
  request: ExportRequest,
  take: (element: ReadElement) => Promise<void>,
  progress: ReadProgress = { bytes: 0, elements: 0 },
): Promise<Envelope> {
  const hash = createHash('sha256');
  try {
    const chunks = hashChunks(store.read(deliveryKey(request.sha256)), hash, progress);
    const envelope = await readAll(chunks, take, progress);
    checkHash(request, hash);
    checkEnvelope(request, envelope);
    return envelope;
  } catch (error) {
    if (error instanceof PayloadNotFound)
      throw new Unplannable(
        `Delivery ${request.revision} is missing from the payload store. Nothing was sent.`,
      );
    if (error instanceof BodyError) throw await describeUnreadable(store, request, error);
    throw error;
  }
}

async function readAll(
  chunks: AsyncIterable<Uint8Array>,
  take: (element: ReadElement) => Promise<void>,
  progress: ReadProgress,
): Promise<Envelope> {
  const batches = readExport(chunks);
  for (;;) {
    const next = await batches.next();
    if (next.done) return next.value;
    for (const element of next.value) await take(element);
    progress.elements += next.value.length;
  }
}

async function* hashChunks(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
  progress: ReadProgress,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    stopIfCancelled();
    hash.update(chunk);
    progress.bytes += chunk.byteLength;
    yield chunk;
  }
  stopIfCancelled();
}

function checkHash(request: ExportRequest, hash: Hash): void {
  const got = hash.digest('hex');
  if (got === request.sha256) return;
  throw new Unplannable(
    `Delivery ${request.revision} was changed in the payload store: expected sha256 ${request.sha256}, got ${got}. Nothing was sent.`,
  );
}

function checkEnvelope(request: ExportRequest, { event, issue }: Envelope): void {
  if (event !== 'issue-exported')
    throw new Unplannable(
      `Delivery ${request.revision} has the event ${JSON.stringify(event.slice(0, 60))} (expected "issue-exported").`,
    );
  if (issue?.id !== request.issueId)
    throw new Unplannable(
      `Delivery ${request.revision} belongs to a different issue than the request. Nothing was sent.`,
    );
}

/**
 * The gateway accepted this body, so its bytes have most likely changed since. A wrong hash then explains
 * more than the syntax error.
 */
async function describeUnreadable(
  store: PayloadStore,
  request: ExportRequest,
  error: BodyError,
): Promise<Unplannable> {
  const hash = createHash('sha256');
  const progress = { bytes: 0, elements: 0 };
  for await (const _chunk of hashChunks(store.read(deliveryKey(request.sha256)), hash, progress));
  try {
    checkHash(request, hash);
  } catch (changed) {
    if (changed instanceof Unplannable) return changed;
    throw changed;
  }
  return new Unplannable(`Delivery ${request.revision} cannot be read: ${error.message}.`);
}
