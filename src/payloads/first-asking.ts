import type { AttemptRef } from '../domain/attempt-ref';
import type { ExportRequest } from '../domain/request';
import { type Attempt, listAttempts } from './attempts';
import { ChangedFile } from './changed-file';
import { createHashedJson, readHashedJson, recordHashName } from './hashed-json';
import { askingKey, droppedRequestKey, inboxKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { objectExists } from './small-objects';

/**
 * `again-<number>.json` of an attempt: an operator asked again for its delivery. It has the whole request, so that
 * another gateway can put the inbox entry if the one that wrote this file stops before it does.
 */
export interface Asking {
  readonly version: 1;
  readonly request: ExportRequest;
  /** Number of elements in the delivery. */
  readonly elements: number;
}

/**
 * Keeps an asking durably, unless an earlier one after the same attempt counts: of several operators who ask at the
 * same time, also through several gateways, the first one counts.
 * @param after the newest attempt at the revision.
 * @returns the asking that counts. If it is not `asking` itself, its request may have no inbox entry yet.
 */
export async function keepFirstAsking(
  store: PayloadStore,
  after: AttemptRef,
  asking: Asking,
): Promise<Asking> {
  for (let number = 1; ; number += 1) {
    const key = askingKey(after, number);
    if (await createHashedJson(store, key, recordHashName, asking)) return asking;
    const earlier = await readAsking(store, after, key);
    if (earlier && !(await isOver(store, after, earlier.request))) return earlier;
  }
}

/** @returns the attempt whose report answers the request; undefined when there is none yet. */
export async function findAnswer(
  store: PayloadStore,
  { issueId, revision, requestId }: ExportRequest,
): Promise<Attempt | undefined> {
  const attempts = await listAttempts(store, issueId, revision);
  return attempts.find(({ report }) => report?.requests.includes(requestId));
}

/**
 * @returns undefined when the file was changed. It then counts no more, so that it blocks no later asking. On a file
 *   system without hard links, a file that is being written may look so for a moment, and both askings count.
 */
async function readAsking(store: PayloadStore, after: AttemptRef, key: string): Promise<Asking | undefined> {
  try {
    return (await readHashedJson(store, after, key, recordHashName)) as Asking;
  } catch (error) {
    if (error instanceof ChangedFile || error instanceof PayloadNotFound) return undefined;
    throw error;
  }
}

/**
 * Whether a request came to its end and left `after` the newest attempt: it was dropped, or it joined the export of
 * `after`. A later attempt that answers it began after the caller listed the attempts.
 */
async function isOver(store: PayloadStore, after: AttemptRef, request: ExportRequest): Promise<boolean> {
  const { issueId, requestId } = request;
  if (await objectExists(store, inboxKey(requestId))) return false;
  const answer = await findAnswer(store, request);
  return answer
    ? answer.ref.attempt <= after.attempt
    : objectExists(store, droppedRequestKey(issueId, requestId));
}
