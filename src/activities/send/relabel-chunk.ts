import { activityInfo } from '@temporalio/activity';
import { clock, nowIso, withTimeoutSignal } from '../../clock/clock';
import type { RelabelAnswer } from '../../labeling/labeling-service';
import { maxRetryAfterMs } from '../../labeling/retry-after';
import { ChangedFile } from '../../payloads/changed-file';
import { readDestinationPause, readDestinationWait } from '../../payloads/destination-state';
import type { PayloadStore } from '../../payloads/payload-store';
import {
  findMissingReceipt,
  hasReport,
  readReceipt,
  readSentMark,
  type ReceiptFile,
  receiptFiles,
  receiptFilesForRange,
} from '../../payloads/receipts';
import type { ChunkResult, RelabelChunkInput } from '../contracts';
import { classifyError, retryable, toActivityFailure } from '../failures';
import { stopIfCancelled, whileHeartbeating } from '../heartbeating';
import { describePause } from './await-destination';
import { confirmedOutcomes } from './confirmed-outcomes';
import { FilesAtStart } from './files-at-start';
import { findOverlap } from './find-overlap';
import { handleCallFailure } from './handle-call-failure';
import {
  callContext,
  type LabelingCall,
  type RelabelChunkDeps,
  stopIfCallMayNotBegin,
} from './labeling-call';
import { answerIfStanding } from './standing-failure';
import { currentOwner, isOwner, stopIfLater, stopIfReplaced, stopUnlessOwner, takeMark } from './mark-owner';
import { countReceipt, markRepeated, recordOutcomes } from './record-outcomes';
import { resolveLostCall } from './resolve-lost-call';

/**
 * In ms. Added to the service's own time-out: an adapter that doesn't enforce it is aborted this much later.
 */
const slackMs = 5000;

/**
 * Makes one call for a range of a plan. The sent-mark is durable before the call, the receipt before the
 * activity returns. A retry, or a later run, reads both first, so that no answered label is sent
 * again.
 */
export function createRelabelChunk(
  deps: RelabelChunkDeps,
): (input: RelabelChunkInput) => Promise<ChunkResult> {
  const filesAtStart = new FilesAtStart(deps.store);
  return (input) => {
    const details = { chunk: `labels ${input.from + 1}-${input.to}`, labels: input.to - input.from };
    return whileHeartbeating(
      () => details,
      () =>
        answerIfStanding(input, () =>
          toActivityFailure('relabeling a chunk', () =>
            pauseIfChanged(() => relabelChunk({ ...deps, filesAtStart }, input)),
          ),
        ),
    );
  };
}

/** A retry can't repair a changed file, so the export pauses until an operator has restored it. */
async function pauseIfChanged(work: () => Promise<ChunkResult>): Promise<ChunkResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ChangedFile)) throw error;
    const because = `${error.message} Nothing of this chunk was sent.`.slice(0, 300);
    return { kind: 'needs-person', because };
  }
}

async function relabelChunk(
  deps: RelabelChunkDeps & { readonly filesAtStart: FilesAtStart },
  input: RelabelChunkInput,
): Promise<ChunkResult> {
  waitAfterFailure(input);
  const files = await listReceiptFiles(deps, input);
  if (input.lookBack) await checkReceipts(deps.store, input, files);
  const overlap = await findOverlap(deps.store, input.ref, input, files);
  if (overlap.kind === 'answered') return countReceipt(overlap.receipt, input);
  const { range, lost } = overlap;
  const open = await deps.plans.open(input.ref, input.planSha256);
  const { items, fits } = await open.items(range, deps.service.maxCallBytes);
  if (fits < range.to - range.from) return { kind: 'too-many-bytes', fits };
  const { answerAfter = equalServerErrors, failedBefore } = input;
  const call = {
    ref: input.ref,
    plan: open.plan,
    range,
    items,
    lost,
    answerAfter,
    failedBefore: failedBefore?.failures ?? 0,
  };
  if (input.giveUpBecause !== undefined) return giveUp(deps, call, input.giveUpBecause);
  return sendOrResolve(deps, call, hasSentMark(files, call));
}

/** Three alike are hardly chance, and cost a few seconds. */
const equalServerErrors = 3;

/** The wait is a retry by Temporal, so that it occupies no place of this worker. */
function waitAfterFailure({ failedBefore }: RelabelChunkInput): void {
  if (failedBefore && activityInfo().attempt === 1)
    throw retryable(failedBefore.because, 'LabelingTryAgain', failedBefore.waitMs);
}

/** Every call with these labels failed while others did not. Their effect is unknown. */
function giveUp(deps: RelabelChunkDeps, planned: PlannedCall, reason: string): Promise<ChunkResult> {
  const items = planned.items.map(({ labelId }) => ({ labelId, outcome: 'unconfirmed' as const, reason }));
  const call = { ...planned, sentAt: nowIso() };
  return recordOutcomes(deps, call, { repeated: true, reported: null, items });
}

/** All receipts and sent-marks when some may overlap the range; otherwise only those of this range. */
async function listReceiptFiles(
  { store, filesAtStart }: Pick<RelabelChunkDeps, 'store'> & { readonly filesAtStart: FilesAtStart },
  input: RelabelChunkInput,
): Promise<ReceiptFile[]> {
  const mayOverlap =
    input.mayOverlap ||
    input.lookBack ||
    activityInfo().attempt > 1 ||
    (await filesAtStart.hasOverlap(input.ref, input));
  return mayOverlap ? receiptFiles(store, input.ref) : receiptFilesForRange(store, input.ref, input);
}

/** @throws {ChangedFile} for the first receipt that is missing or was changed. */
async function checkReceipts(
  store: PayloadStore,
  { ref, answered = [] }: RelabelChunkInput,
  files: readonly ReceiptFile[],
): Promise<void> {
  const missing = findMissingReceipt(ref, answered, files);
  if (missing) throw missing;
  for (const file of files) {
    stopIfCancelled();
    if (file.kind === 'receipt') await readReceipt(store, ref, file);
  }
}

type PlannedCall = Pick<
  LabelingCall,
  'ref' | 'plan' | 'range' | 'items' | 'lost' | 'answerAfter' | 'failedBefore'
>;

function hasSentMark(files: readonly ReceiptFile[], { range }: PlannedCall): boolean {
  return files.some(({ kind, from, to }) => kind === 'sent' && from === range.from && to === range.to);
}

async function sendOrResolve(
  deps: RelabelChunkDeps,
  planned: PlannedCall,
  keepMark: boolean,
): Promise<ChunkResult> {
  const { ref, range, lost } = planned;
  const owner = currentOwner();
  await closeGateIfAsked(deps);
  const lostMark = lost && (await readSentMark(deps.store, ref, lost));
  if (lost) stopIfLater(lostMark, { owner, range: lost });
  const mark = lost && (await readSentMark(deps.store, ref, range));
  const sentAt = nowIso();
  const call: LabelingCall = {
    ...planned,
    noAnswers: mark?.noAnswers ?? 0,
    serverErrors: mark?.serverErrors,
    wasRepeated: lostMark?.repeats === true || mark?.repeats === true,
    sentAt,
    keepMark,
    owner,
  };
  const resolved = lost && (await resolveLostCall(deps, { ...call, sentAt: mark?.sentAt ?? sentAt }, lost));
  return resolved ?? send(deps, call);
}

/** The service may have asked another worker, or this one before it restarted, to wait. */
async function closeGateIfAsked({ store, destination, gate }: RelabelChunkDeps): Promise<void> {
  const wait = await readDestinationWait(store, destination);
  if (wait) gate.close(Math.min(Date.parse(wait.until) - clock.now(), maxRetryAfterMs));
}

const reportIsWritten =
  'The report of this export is already written, so nothing more of it may be sent. Cancel it, then replay the delivery.';

async function send(deps: RelabelChunkDeps, call: LabelingCall): Promise<ChunkResult> {
  const { plan, range } = call;
  const pause = await readDestinationPause(deps.store, deps.destination);
  if (pause) return { kind: 'destination-paused', because: describePause(deps.destination, pause) };
  stopIfCallMayNotBegin(deps); // before the mark is written: waiting leaves no trace
  if (await hasReport(deps.store, call.ref)) return { kind: 'needs-person', because: reportIsWritten };
  await takeMark(deps.store, call);
  await stopUnlessOwner(deps.store, call); // last before the call: another attempt may have begun meanwhile
  let answer: RelabelAnswer;
  try {
    stopIfCallMayNotBegin(deps); // another call may have closed the gate while the mark was being written
    answer = await withTimeoutSignal(deps.timeoutMs + slackMs, (signal) =>
      deps.service.relabel(call.items, callContext(plan, range), signal),
    );
  } catch (error) {
    await stopIfReplaced(deps.store, call); // the mark of another attempt must stay as it is
    return handleCallFailure(deps, call, classifyError(error), error);
  }
  const items = confirmedOutcomes(call, answer);
  const { reported } = answer;
  // another attempt that has taken the mark may call too, and end without a receipt
  const repeated = call.lost !== undefined || !(await isOwner(deps.store, call));
  const result = await recordOutcomes(deps, call, { repeated, reported, items });
  // again: the other attempt takes the mark first and then looks for a receipt, so one of the two sees the other
  if (!repeated && !(await isOwner(deps.store, call))) await markRepeated(deps.store, call.ref, range);
  return result.kind === 'done' ? { ...result, answered: true } : result;
}
