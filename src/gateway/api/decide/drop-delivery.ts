import type { ExportRequest } from '../../../domain/request';
import { dropHeldEntry } from '../../../payloads/dropped-requests';
import { inboxEntries } from '../../../payloads/inbox-entry';
import type { PayloadStore } from '../../../payloads/payload-store';
import { pluralize } from '../../../text/pluralize';
import { refuse } from '../../http/refusal';
import type { Dropped, DropRequest } from '../operator-api';

/**
 * Drops every held request of a delivery: records who, when and why, then removes the inbox entries.
 *
 * @throws {Refusal} when no request of the delivery is held. Nothing has been dropped then.
 */
export async function dropDelivery(
  store: PayloadStore,
  { sha256, by, reason }: DropRequest,
): Promise<Dropped> {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw refuse('not-a-sha256');
  const dropped: ExportRequest[] = [];
  for await (const entry of inboxEntries(store)) {
    if (entry.request.sha256 !== sha256) continue;
    if (await dropHeldEntry(store, entry, { by, reason })) dropped.push(entry.request);
  }
  const [first] = dropped;
  if (!first) throw refuse('not-held', { sha256 });
  const { issueId, revision } = first;
  return {
    requestIds: dropped.map(({ requestId }) => requestId),
    issueId,
    revision,
    message: `Dropped ${pluralize(dropped.length, 'held request')} of issue ${issueId}, revision ${revision}.`,
  };
}
