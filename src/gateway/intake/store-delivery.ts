import { createHash } from 'node:crypto';
import { clock } from '../../clock/clock';
import type { ExportRequest } from '../../domain/request';
import type { Envelope } from '../../export-body/envelope';
import { createExportReader } from '../../export-body/read-export';
import { removeInboxEntry, stageInboxEntry } from '../../payloads/inbox-entry';
import { deliveryKey } from '../../payloads/keys';
import type { PayloadStore, StagedPayload } from '../../payloads/payload-store';
import { isExportEnvelope, newRequest } from './new-request';
import type { Stamp } from './stamps';
import { StoreFailure, storing } from '../http/store-failure';

/** Bytes of a body until other requests get a turn: less than a millisecond of work. */
const bytesPerTurn = 64 * 1024;

/**
 * A complete and valid body. `request` is present if the body was stored, which happens only for an
 * `issue-exported` event with elements.
 */
export interface StoredDelivery {
  readonly envelope: Envelope;
  readonly bytes: number;
  readonly request?: ExportRequest;
}

/**
 * Writes the body of a delivery to the store and parses it, in one pass. When this resolves with a request,
 * the body and the inbox entry are durable. When it throws, nothing was accepted and the staged bytes are
 * removed.
 *
 * @throws {BodyError} when the body is not a valid delivery.
 * @throws {StoreFailure} when the store fails.
 * @throws what `body` throws, e.g. because the sender closes the connection.
 */
export async function storeDelivery(
  body: AsyncIterable<Uint8Array>,
  { store, stamp }: { store: PayloadStore; stamp: Stamp },
): Promise<StoredDelivery> {
  const staged = await storing(store.stage());
  try {
    const { envelope, bytes, sha256 } = await stageBody(staged, body);
    if (!isExportEnvelope(envelope) || envelope.elements === 0) return { envelope, bytes };
    const request = newRequest({ envelope, sha256, force: false, stamp });
    await accept(store, staged, request, envelope.elements);
    return { envelope, bytes, request };
  } finally {
    await staged.discard();
  }
}

async function stageBody(
  staged: StagedPayload,
  body: AsyncIterable<Uint8Array>,
): Promise<{ envelope: Envelope; bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const reader = createExportReader();
  let bytes = 0;
  let bytesAtLastTurn = 0;
  for await (const chunk of body) {
    reader.push(chunk);
    hash.update(chunk);
    bytes += chunk.length;
    await storing(staged.write(chunk));
    if (bytes - bytesAtLastTurn >= bytesPerTurn) {
      bytesAtLastTurn = bytes;
      // without this, a fast sender blocks the event loop, and so every other request, for 2 MB at a time
      await clock.turn();
    }
  }
  return { envelope: reader.end(), bytes, sha256: hash.digest('hex') };
}

/**
 * Commits the body before the entry, because an entry without its body could never be exported. The entry's
 * file is staged before the body is committed, so that a full disk leaves neither. If a later step fails, the
 * body stays: another delivery of the same bytes may have been accepted meanwhile, and a body without an
 * entry starts nothing.
 */
async function accept(
  store: PayloadStore,
  staged: StagedPayload,
  request: ExportRequest,
  elements: number,
): Promise<void> {
  const entry = await storing(stageInboxEntry(store, request, { elements }));
  try {
    // committed even if the store has it, which repairs a body that was changed on disk
    await storing(staged.commit(deliveryKey(request.sha256)));
    await enter(store, entry, request);
  } finally {
    await entry.discard();
  }
}

async function enter(
  store: PayloadStore,
  entry: { enter(): Promise<void> },
  request: ExportRequest,
): Promise<void> {
  try {
    await entry.enter();
  } catch (error) {
    // the refusal states that nothing was accepted
    await removeInboxEntry(store, request.requestId).catch(() => undefined);
    throw new StoreFailure(error);
  }
}
