import { createHash } from 'node:crypto';
import { clock } from '../../clock/clock';
import type { ExportRequest } from '../../domain/request';
import { BodyError } from '../../export-body/body-error';
import type { Envelope } from '../../export-body/envelope';
import { createExportReader } from '../../export-body/read-export';
import { inboxEntries, putInboxEntry, updateDispatchState } from '../../payloads/inbox-entry';
import { deliveryKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { exportWorkflowId } from '../../temporal/names';
import { type DuplicateOf, duplicateOf } from './duplicate-of';
import { type ExportEnvelope, isExportEnvelope, newRequest } from './new-request';
import { refuse } from '../http/refusal';
import type { Stamp } from './stamps';
import type { Dispatcher } from '../dispatch/dispatcher';

export interface ReplayRequest {
  readonly store: PayloadStore;
  readonly dispatcher: Pick<Dispatcher, 'dispatch'>;
  readonly stamps: () => Promise<Stamp>;
  readonly sha256: string;
  readonly force: boolean;
}

export interface Replayed extends DuplicateOf {
  /** The oldest released request, if several were released. */
  readonly requestId: string;
  /** Whether held entries were released. Their requests keep their ids. */
  readonly released: boolean;
  readonly issueId: string;
  readonly revision: string;
  readonly workflowId: string;
}

/**
 * Exports a stored delivery again. Releases the delivery's held inbox entries. If there are none, or with
 * `force`, creates a new request instead.
 *
 * @throws {Refusal} when the store does not have the delivery, when it was changed on disk, or when it is not
 *   an export. Nothing has been created or released then.
 */
export async function replayDelivery(replay: ReplayRequest): Promise<Replayed> {
  if (!/^[0-9a-f]{64}$/.test(replay.sha256)) throw refuse('not-a-sha256');
  const envelope = await verifyDelivery(replay);
  const released = replay.force ? [] : await releaseHeldEntries(replay);
  const request = released[0] ?? (await createRequest(replay, envelope));
  const repeated = await duplicateOf(replay.store, request);
  for (const each of released.length > 0 ? released : [request]) replay.dispatcher.dispatch(each);
  const { requestId, issueId, revision } = request;
  return {
    requestId,
    released: released.length > 0,
    issueId,
    revision,
    workflowId: exportWorkflowId(issueId),
    ...repeated,
  };
}

/**
 * Reads and hashes the entire delivery. If it was changed on disk, the operator learns about it now, not from
 * a failed export.
 *
 * @throws {Refusal} when the store does not have it, when it was changed, or when it is not an export.
 */
export async function verifyDelivery({
  store,
  sha256,
}: Pick<ReplayRequest, 'store' | 'sha256'>): Promise<ExportEnvelope> {
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
      await clock.turn(); // a large delivery takes seconds, so other requests get a turn between chunks
    }
    const envelope = reader.end();
    if (hash.digest('hex') === sha256) return envelope;
  } catch (error) {
    if (error instanceof PayloadNotFound) throw refuse('no-such-delivery', { sha256 });
    if (!(error instanceof BodyError)) throw error;
  }
  throw refuse('delivery-changed', { sha256 });
}

/**
 * Releases the delivery's held entries, oldest first. Skips an entry that is removed meanwhile, because its
 * report has been written.
 */
async function releaseHeldEntries({ store, sha256 }: ReplayRequest): Promise<ExportRequest[]> {
  const released: ExportRequest[] = [];
  for await (const { request, handOver } of inboxEntries(store)) {
    if (request.sha256 !== sha256 || handOver.held === undefined) continue;
    if (await updateDispatchState(store, { request, handOver: {} })) released.push(request);
  }
  return released;
}

async function createRequest(
  { store, stamps, sha256, force }: ReplayRequest,
  envelope: ExportEnvelope,
): Promise<ExportRequest> {
  const request = newRequest({ envelope, sha256, force, stamp: await stamps() });
  await putInboxEntry(store, request, { elements: envelope.elements });
  return request;
}
