import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ExportRequest } from '../../domain/request';
import { BodyError } from '../../export-body/body-error';
import type { Envelope } from '../../export-body/export-body';
import { createExportReader } from '../../export-body/read-export';
import { inboxEntries, putInboxEntry, updateHandOver } from '../../payloads/inbox-entry';
import { deliveryKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { workflowIdOf } from '../../temporal/names';
import { type ExportEnvelope, isExport, newRequest } from './new-request';
import { Refusal } from '../http/refusal';
import type { Stamp } from './stamps';
import type { Starter } from '../dispatch/dispatcher';

export interface ReplayWish {
  readonly store: PayloadStore;
  readonly starter: Pick<Starter, 'accepted'>;
  readonly stamps: () => Stamp;
  readonly sha256: string;
  readonly force: boolean;
}

export interface Replayed {
  /** Of several released requests the oldest. */
  readonly requestId: string;
  /** Held entries were released: their requests go on under their own ids. */
  readonly released: boolean;
  readonly issueId: string;
  readonly revision: string;
  readonly workflowId: string;
}

/**
 * Asks again for a delivery that is kept. Held entries of it are released instead, unless `force`: that is always a new request.
 * @throws {Refusal} when the delivery is not kept, was changed on disk, or is no export; then nothing was entered or released.
 */
export async function replayDelivery(wish: ReplayWish): Promise<Replayed> {
  if (!/^[0-9a-f]{64}$/.test(wish.sha256))
    throw new Refusal(400, 'not-a-sha256', 'a delivery is named by its sha256: 64 hex digits in lower case.');
  const envelope = await readDelivery(wish);
  const released = wish.force ? [] : await release(wish);
  const request = released[0] ?? (await enter(wish, envelope));
  for (const one of released.length > 0 ? released : [request]) wish.starter.accepted(one);
  const { requestId, issueId, revision } = request;
  return { requestId, released: released.length > 0, issueId, revision, workflowId: workflowIdOf(issueId) };
}

/** The whole delivery is read and hashed: one that was changed on disk is refused here rather than by a failed export later. */
async function readDelivery({ store, sha256 }: ReplayWish): Promise<ExportEnvelope> {
  const envelope = await envelopeOf(store, sha256);
  if (isExport(envelope)) return envelope;
  throw new Refusal(409, 'not-an-export', `the delivery ${sha256} is not an issue-exported event.`);
}

async function envelopeOf(store: PayloadStore, sha256: string): Promise<Envelope> {
  const reader = createExportReader();
  const hash = createHash('sha256');
  try {
    for await (const chunk of store.read(deliveryKey(sha256))) {
      hash.update(chunk);
      reader.push(chunk);
      await setImmediate(); // a large delivery takes seconds: others have their turn between two chunks
    }
    const envelope = reader.end();
    if (hash.digest('hex') === sha256) return envelope;
  } catch (error) {
    if (error instanceof PayloadNotFound) throw new Refusal(404, 'no-such-delivery', `no delivery with the sha256 ${sha256} is kept.`);
    if (!(error instanceof BodyError)) throw error;
  }
  throw new Refusal(
    409,
    'delivery-changed',
    `the delivery ${sha256} was changed on disk since it was accepted; restore it from the backup, or export again.`,
  );
}

/** Releases the held entries of the delivery, oldest first; one that goes at this instant has its report. */
async function release({ store, sha256 }: ReplayWish): Promise<ExportRequest[]> {
  const released: ExportRequest[] = [];
  for await (const { request, handOver } of inboxEntries(store)) {
    if (request.sha256 !== sha256 || handOver.held === undefined) continue;
    if (await updateHandOver(store, { request, handOver: {} })) released.push(request);
  }
  return released;
}

async function enter({ store, stamps, sha256, force }: ReplayWish, envelope: ExportEnvelope): Promise<ExportRequest> {
  const request = newRequest({ envelope, sha256, force, stamp: stamps() });
  await putInboxEntry(store, request, { elements: envelope.elements });
  return request;
}
