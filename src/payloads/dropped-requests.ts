import { nowIso } from '../clock/clock';
import { defined } from '../collections/defined';
import type { ExportRequest } from '../domain/request';
import { withoutHash, writeHashedJson, recordHashName } from './hashed-json';
import { type InboxEntry, readInboxEntry, removeInboxEntry } from './inbox-entry';
import { droppedRequestKey, droppedRequestsFolder, requestIdsOf } from './keys';
import type { PayloadStore } from './payload-store';
import { readJson } from './small-objects';

/** Why a held request ended without an export. */
export interface Drop {
  /** The operator whose token it was. Absent when Requeue dropped the request because it needs no export. */
  readonly by?: string | undefined;
  /** At most 2,000 characters. */
  readonly reason: string;
}

/** `exports/<issueKey>/dropped/<requestId>.json`. */
export interface DroppedRequest extends Drop {
  readonly version: 1;
  readonly request: ExportRequest;
  /** Why the request was held. */
  readonly held: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Maximum records read for one list. */
const maxRead = 50;

/**
 * Records the drop durably, then removes the held inbox entry. A record whose entry is still in the inbox, or
 * whose request has a report, means nothing: the process was killed, or the hold was released meanwhile.
 *
 * @returns false when the entry is gone or no longer held. It then stays as it is.
 */
export async function dropHeldEntry(
  store: PayloadStore,
  { request, handOver: { held } }: InboxEntry,
  { by, reason }: Drop,
): Promise<boolean> {
  if (held === undefined) return false;
  const dropped: DroppedRequest = {
    version: 1,
    request,
    held,
    ...defined({ by }),
    reason,
    at: nowIso(),
  };
  await writeHashedJson(
    store,
    droppedRequestKey(request.issueId, request.requestId),
    recordHashName,
    dropped,
  );
  const entry = await readInboxEntry(store, request.requestId);
  if (entry?.handOver.held === undefined) return false;
  await removeInboxEntry(store, request.requestId);
  return true;
}

/** Lists an issue's records, oldest request first; of more than 50, the newest. Skips unreadable ones. */
export async function listDroppedRequests(store: PayloadStore, issueId: string): Promise<DroppedRequest[]> {
  const requestIds = requestIdsOf(await store.list(droppedRequestsFolder(issueId)));
  const records: DroppedRequest[] = [];
  for (const requestId of requestIds.slice(-maxRead)) {
    const record = await readRecord(store, issueId, requestId);
    if (record) records.push(record);
  }
  return records;
}

async function readRecord(
  store: PayloadStore,
  issueId: string,
  requestId: string,
): Promise<DroppedRequest | undefined> {
  const key = droppedRequestKey(issueId, requestId);
  const stored = await readJson<Partial<DroppedRequest> | null>(store, key).catch(() => undefined);
  const record = stored ? withoutHash(key, recordHashName, stored) : undefined;
  return record?.request?.requestId === requestId && typeof record.reason === 'string'
    ? (record as DroppedRequest)
    : undefined;
}
