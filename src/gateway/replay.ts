import type { ExportRequest } from '../domain/request';
import { createExportReader } from '../export-body/read-export';
import { type InboxEntry, listInbox, putInboxEntry, readInboxEntry, updateHandOver } from '../payloads/inbox-entry';
import { deliveryKey } from '../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../payloads/payload-store';
import { workflowIdOf } from '../temporal/names';
import { isExport, newRequest } from './new-request';
import { Refusal } from './refusal';
import type { Stamp } from './request-id';
import type { Starter } from './starter';

export interface ReplayWish {
  readonly store: PayloadStore;
  readonly starter: Pick<Starter, 'accepted'>;
  readonly stamps: () => Stamp;
  readonly sha256: string;
  readonly force: boolean;
}

export interface Replayed {
  readonly requestId: string;
  /** A held entry was released: the request goes on under its own id. */
  readonly released: boolean;
  readonly issueId: string;
  readonly revision: string;
  readonly workflowId: string;
}

/** Asks again for a delivery that is kept; a held entry of it is released instead, unless `force`. @throws {Refusal} when it is not kept. */
export async function replayDelivery(wish: ReplayWish): Promise<Replayed> {
  const held = wish.force ? undefined : await heldEntry(wish.store, wish.sha256);
  const request = held?.request ?? (await requestAgain(wish));
  if (held) await updateHandOver(wish.store, { request, handOver: {} });
  else await putInboxEntry(wish.store, request);
  wish.starter.accepted(request);
  const { requestId, issueId, revision } = request;
  return { requestId, released: held !== undefined, issueId, revision, workflowId: workflowIdOf(issueId) };
}

async function heldEntry(store: PayloadStore, sha256: string): Promise<InboxEntry | undefined> {
  for (const requestId of await listInbox(store)) {
    const entry = await readInboxEntry(store, requestId);
    if (entry?.request.sha256 === sha256 && entry.handOver.held !== undefined) return entry;
  }
  return undefined;
}

async function requestAgain({ store, stamps, sha256, force }: ReplayWish): Promise<ExportRequest> {
  const reader = createExportReader();
  try {
    for await (const chunk of store.read(deliveryKey(sha256))) reader.push(chunk);
  } catch (error) {
    if (error instanceof PayloadNotFound) throw new Refusal(404, 'no-such-delivery', `no delivery with the sha256 ${sha256} is kept.`);
    throw error;
  }
  const envelope = reader.end();
  if (!isExport(envelope)) throw new Refusal(409, 'not-an-export', `the delivery ${sha256} is not an issue-exported event.`);
  return newRequest({ envelope, sha256, force, stamp: stamps() });
}
