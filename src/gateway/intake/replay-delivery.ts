import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ExportRequest } from '../../domain/request';
import { BodyError } from '../../export-body/body-error';
import type { Envelope } from '../../export-body/envelope';
import { createExportReader } from '../../export-body/read-export';
import { inboxEntries, putInboxEntry, updateDispatchState } from '../../payloads/inbox-entry';
import { deliveryKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { exportWorkflowId } from '../../temporal/names';
import { type ExportEnvelope, isExportEnvelope, newRequest } from './new-request';
import { Refusal } from '../http/refusal';
import type { Stamp } from './stamps';
import type { Dispatcher } from '../dispatch/dispatcher';

export interface ReplayRequest {
  readonly store: PayloadStore;
  readonly dispatcher: Pick<Dispatcher, 'dispatch'>;
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
export async function replayDelivery(replay: ReplayRequest): Promise<Replayed> {
  if (!/^[0-9a-f]{64}$/.test(replay.sha256))
    throw new Refusal(400, 'not-a-sha256', 'a delivery is named by its sha256: 64 hex digits in lower case.');
  const envelope = await readKeptDelivery(replay);
  const released = replay.force ? [] : await release(replay);
  const request = released[0] ?? (await enter(replay, envelope));
  for (const one of released.length > 0 ? released : [request]) replay.dispatcher.dispatch(one);
  const { requestId, issueId, revision } = request;
  return {
    requestId,
    released: released.length > 0,
    issueId,
    revision,
    workflowId: exportWorkflowId(issueId),
  };
}

/** The whole delivery is read and hashed: one that was changed on disk is refused here rather than by a failed export later. */
async function readKeptDelivery({ store, sha256 }: ReplayRequest): Promise<ExportEnvelope> {
  const envelope = await readEnvelope(store, sha256);
  if (isExportEnvelope(envelope)) return envelope;
  throw new Refusal(409, 'not-an-export', `the delivery ${sha256} is not an issue-exported event.`);
}

async function readEnvelope(store: PayloadStore, sha256: string): Promise<Envelope> {
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
    if (error instanceof PayloadNotFound)
      throw new Refusal(404, 'no-such-delivery', `no delivery with the sha256 ${sha256} is kept.`);
    if (!(error instanceof BodyError)) throw error;
  }
  throw new Refusal(
    409,
    'delivery-changed',
    `the delivery ${sha256} was changed on disk since it was accepted; restore it from the backup, or export again.`,
  );
}

/** Releases the held entries of the delivery, oldest first; one that goes at this instant has its report. */
async function release({ store, sha256 }: ReplayRequest): Promise<ExportRequest[]> {
  const released: ExportRequest[] = [];
  for await (const { request, handOver } of inboxEntries(store)) {
    if (request.sha256 !== sha256 || handOver.held === undefined) continue;
    if (await updateDispatchState(store, { request, handOver: {} })) released.push(request);
  }
  return released;
}

async function enter(
  { store, stamps, sha256, force }: ReplayRequest,
  envelope: ExportEnvelope,
): Promise<ExportRequest> {
  const request = newRequest({ envelope, sha256, force, stamp: stamps() });
  await putInboxEntry(store, request, { elements: envelope.elements });
  return request;
}
