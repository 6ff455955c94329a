import { log } from '@temporalio/activity';
import { clock, nowIso } from '../../clock/clock';
import { LabelingError } from '../../labeling/labeling-error';
import { refusalKey, sentKey } from '../../payloads/keys';
import { writeJson } from '../../payloads/small-objects';
import { readDestinationWait, writeDestinationWait } from '../../payloads/destination-state';
import { type SentMark, writeSentMark } from '../../payloads/receipts';
import type { ItemOutcome } from '../../domain/receipt';
import type { ChunkResult } from '../contracts';
import type { ClassifiedError } from '../failures';
import { stopIfCancelled } from '../heartbeating';
import { confirmedOutcomes } from './confirmed-outcomes';
import type { LabelingCall, RelabelChunkDeps } from './labeling-call';
import { repeats } from './mark-owner';
import { recordOutcomes } from './record-outcomes';
import { standingFailure } from './standing-failure';

/**
 * Number of calls without an answer after which a chunk is split. One may be chance; two suggest that the call
 * is too large. A 5xx is an answer: it never counts.
 */
const noAnswersBeforeSplit = 2;
/** Number of calls with one label and without an answer after which the workflow is asked. */
const noAnswersOfOneLabel = 3;

/**
 * Turns a failed call into a result for the workflow, or into a failure that Temporal retries.
 * @param error the error that was classified.
 * @throws {ApplicationFailure} when the call is to be retried.
 * @throws {CancelledFailure} instead, if the activity was cancelled.
 */
export async function handleCallFailure(
  deps: RelabelChunkDeps,
  call: LabelingCall,
  classified: ClassifiedError,
  error: unknown,
): Promise<ChunkResult> {
  if (error instanceof LabelingError && error.retryAfterMs !== undefined) {
    deps.gate.close(error.retryAfterMs);
    await noteWait(deps, error.retryAfterMs, error.message);
  }
  switch (classified.kind) {
    case 'unknown-effect':
      return handleUnknownEffect(deps, call, classified, error);
    case 'retryable':
      await removeMark(deps, call);
      stopIfCancelled();
      throw classified.failure;
    case 'too-large':
    case 'bad-items':
    case 'items-unknown':
      if (call.items.length === 1) return recordSingleLabel(deps, call, classified);
      await removeMark(deps, call);
      return { kind: classified.kind === 'too-large' ? 'too-large' : 'bad-items' };
    case 'needs-person':
      if (classified.effect !== 'unknown') await removeMark(deps, call);
      await recordRefusedCall(deps, call, classified);
      return { kind: 'needs-person', because: classified.because };
  }
}

/** In ms. A shorter wait is over before anybody has read about it. */
const notedWaitMs = 10_000;

/** For page, command and `doctor`. A wait that cannot be written is not worth a failure: the delay counts. */
async function noteWait(
  { store, destination }: RelabelChunkDeps,
  waitMs: number,
  because: string,
): Promise<void> {
  if (waitMs < notedWaitMs) return;
  const until = new Date(clock.now() + waitMs).toISOString();
  try {
    const known = await readDestinationWait(store, destination);
    if (!known || known.until < until)
      await writeDestinationWait(store, destination, { version: 1, until, because });
  } catch (error) {
    log.warn('The wait that a labeling service asked for could not be written.', { destination, error });
  }
}

type ItemsError = Extract<ClassifiedError, { kind: 'too-large' | 'bad-items' | 'items-unknown' }>;

/** True if the error is about the items or the size of the call, rather than about every call. */
export function isAboutItems(classified: ClassifiedError): classified is ItemsError {
  return (
    classified.kind === 'too-large' || classified.kind === 'bad-items' || classified.kind === 'items-unknown'
  );
}

type UnknownEffect = Extract<ClassifiedError, { kind: 'unknown-effect' }>;

/**
 * Keeps the mark: the next attempt sees that the labels may have been relabeled, and marks the receipt
 * `repeated`.
 */
async function handleUnknownEffect(
  deps: RelabelChunkDeps,
  call: LabelingCall,
  classified: UnknownEffect,
  error: unknown,
): Promise<ChunkResult> {
  const result = classified.mayBeTooLarge
    ? await countNoAnswer(deps, call, classified)
    : await countServerError(deps, call, classified, error);
  if (result) return result;
  stopIfCancelled();
  throw classified.failure;
}

/** A result when the call is not to be repeated as it is. */
async function countNoAnswer(
  deps: RelabelChunkDeps,
  call: LabelingCall,
  { failure }: UnknownEffect,
): Promise<ChunkResult | undefined> {
  const noAnswers = call.noAnswers + 1;
  await writeMark(deps, call, { noAnswers });
  if (!deps.service.idempotent) return undefined; // never sent again
  if (noAnswers >= noAnswersBeforeSplit && call.items.length > 1)
    return { kind: 'too-large', noAnswer: true };
  if (noAnswers < Math.min(noAnswersOfOneLabel, call.answerAfter)) return undefined;
  await writeMark(deps, call, { noAnswers: 0 }); // the next activity counts from the start
  return {
    kind: 'keeps-failing',
    ...standingFailure(failure, call.failedBefore + noAnswers),
    service: 'unchecked',
    labelReason: 'The labeling service gave no answer whenever this label was sent.',
  };
}

/** The check is made last: what it finds decides whether the labels can be the cause. */
async function countServerError(
  deps: RelabelChunkDeps,
  call: LabelingCall,
  { failure }: UnknownEffect,
  error: unknown,
): Promise<ChunkResult | undefined> {
  const { serverErrors, noAnswers, answerAfter } = call;
  const because = failure.message;
  const count = serverErrors?.because === because ? serverErrors.count + 1 : 1;
  if (count < answerAfter || !deps.service.idempotent) {
    await writeMark(deps, call, { noAnswers, serverErrors: { because, count } });
    return undefined;
  }
  await writeMark(deps, call, { noAnswers }); // the next activity counts from the start
  const answer = error instanceof LabelingError ? error.answer : undefined;
  return {
    kind: 'keeps-failing',
    ...standingFailure(failure, call.failedBefore + count),
    service: (await isWell(deps)) ? 'well' : 'down',
    labelReason: `The labeling service answers ${answer ?? 'an error'} whenever this label is sent.`,
  };
}

async function isWell({ service }: RelabelChunkDeps): Promise<boolean> {
  try {
    return (await service.check()).length === 0;
  } catch {
    return false;
  }
}

function writeMark(
  { store }: RelabelChunkDeps,
  { ref, range, lost, sentAt, owner }: LabelingCall,
  counts: Pick<SentMark, 'noAnswers' | 'serverErrors'>,
): Promise<void> {
  return writeSentMark(store, ref, range, { version: 1, sentAt, owner, ...repeats({ lost }), ...counts });
}

/** The call had no effect, so its mark is removed. The mark of an earlier call stays. */
async function removeMark({ store }: RelabelChunkDeps, call: LabelingCall): Promise<void> {
  if (!call.keepMark) await store.remove(sentKey(call.ref, call.range));
}

function recordSingleLabel(
  deps: RelabelChunkDeps,
  call: LabelingCall,
  { kind, message, detail }: ItemsError,
): Promise<ChunkResult> {
  const outcome: Omit<ItemOutcome, 'labelId'> =
    kind === 'items-unknown'
      ? { outcome: 'already-gone', reason: 'The labeling service does not know the label.' }
      : { outcome: 'refused', reason: detail ?? message };
  const items = call.items.map(({ labelId }) => ({ labelId, ...outcome }));
  return recordOutcomes(deps, call, {
    repeated: call.lost !== undefined,
    reported: 0,
    items: confirmedOutcomes(call, { reported: 0, items }),
  });
}

/**
 * Stores the service's own words for the operator. They may contain label ids, so they stay out of histories
 * and logs.
 */
async function recordRefusedCall(
  { store }: RelabelChunkDeps,
  { ref, range }: LabelingCall,
  { because, detail }: Extract<ClassifiedError, { kind: 'needs-person' }>,
): Promise<void> {
  await writeJson(store, refusalKey(ref, range), {
    version: 1,
    at: nowIso(),
    because,
    detail: detail ?? null,
  });
}
