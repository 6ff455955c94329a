import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { ExportRequest } from '../../domain/request';
import type { Envelope } from '../../export-body/envelope';
import { createExportReader } from '../../export-body/read-export';
import { removeInboxEntry, stageInboxEntry } from '../../payloads/inbox-entry';
import { deliveryKey } from '../../payloads/keys';
import type { PayloadStore, StagedPayload } from '../../payloads/payload-store';
import { type BodyLimits, bodyChunks } from '../http/body-chunks';
import { isExportEnvelope, newRequest } from './new-request';
import type { Stamp } from './stamps';
import { StoreFailure, storing } from '../http/store-failure';

/** Bytes of one body that are read before other requests have their turn: below a millisecond of work. */
const bytesATurn = 64 * 1024;

/** A body read to its end and found whole. `request` is there when it was kept: an `issue-exported` with elements. */
export interface StoredDelivery {
  readonly envelope: Envelope;
  readonly bytes: number;
  readonly request?: ExportRequest;
}

/**
 * Takes in one delivery: its body goes to the store while one reader looks at it, in one pass. When this resolves with a request,
 * body and inbox entry are on disk; when it throws, nothing was accepted and the staged bytes are gone.
 *
 * @throws {BodyError} @throws {Refusal} @throws {UploadAborted} @throws {StoreFailure}
 */
export async function storeDelivery(
  incoming: IncomingMessage,
  { store, limits, stamp }: { store: PayloadStore; limits: BodyLimits; stamp: Stamp },
): Promise<StoredDelivery> {
  const staged = await storing(store.stage());
  try {
    const { envelope, bytes, sha256 } = await readInto(staged, incoming, limits);
    if (!isExportEnvelope(envelope) || envelope.elements === 0) return { envelope, bytes };
    const request = newRequest({ envelope, sha256, force: false, stamp });
    await keep(store, staged, request, envelope.elements);
    return { envelope, bytes, request };
  } finally {
    await staged.discard();
  }
}

async function readInto(
  staged: StagedPayload,
  incoming: IncomingMessage,
  limits: BodyLimits,
): Promise<{ envelope: Envelope; bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const reader = createExportReader();
  let bytes = 0;
  let atLastTurn = 0;
  for await (const chunk of bodyChunks(incoming, limits)) {
    reader.push(chunk);
    hash.update(chunk);
    bytes += chunk.length;
    await storing(staged.write(chunk));
    if (bytes - atLastTurn >= bytesATurn) {
      atLastTurn = bytes;
      await setImmediate(); // else a fast sender keeps the event loop for 2 MB at a time, and every other request waits
    }
  }
  return { envelope: reader.end(), bytes, sha256: hash.digest('hex') };
}

/**
 * Body first, entry second: an entry without its body would be a promise that nobody can keep. The entry has its file and its room on
 * the disk before the body gets its name, so that a full disk leaves neither. What fails after that, such as the disk itself, leaves the
 * body: another delivery of the same bytes may have been accepted meanwhile, and without an entry nothing starts from it.
 */
async function keep(
  store: PayloadStore,
  staged: StagedPayload,
  request: ExportRequest,
  elements: number,
): Promise<void> {
  const entry = await storing(stageInboxEntry(store, request, { elements }));
  try {
    await storing(staged.commit(deliveryKey(request.sha256))); // also when it is there already: then it heals one that was changed on disk
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
    await removeInboxEntry(store, request.requestId).catch(() => undefined); // the sender is told that nothing was kept
    throw new StoreFailure(error);
  }
}
