import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ExportRequest } from '../../domain/request';
import { BodyError } from '../../export-body/body-error';
import type { Envelope } from '../../export-body/export-body';
import { createExportReader } from '../../export-body/read-export';
import { inboxEntries, putInboxEntry, updateDispatchState } from '../../payloads/inbox-entry';
import { deliveryKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { exportWorkflowId } from '../../temporal/names';
import { type ExportEnvelope, isExportEnvelope, newRequest } from './new-request';
import { refuse } from '../http/refusal';
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
  if (!/^[0-9a-f]{64}$/.test(replay.sha256)) throw refuse('not-a-sha256');
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
  throw refuse('not-an-export', { sha256 });
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
    if (error instanceof PayloadNotFound) throw refuse('no-such-delivery', { sha256 });
    if (!(error instanceof BodyError)) throw error;
  }
  throw refuse('delivery-changed', { sha256 });
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
