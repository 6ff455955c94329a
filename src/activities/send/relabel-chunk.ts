import { countOutcomes } from '../../domain/label-outcome';
import type { AttemptRef } from '../../domain/attempt-ref';
import { activityInfo } from '@temporalio/activity';
import type { Plan } from '../../domain/plan';
import type { ItemOutcome, Range, Receipt } from '../../domain/receipt';
import { LabelingError } from '../../labeling/labeling-error';
import type { CallContext, Item, LabelingService, RelabelAnswer } from '../../labeling/labeling-service';
import { refusalKey, sentKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { writeJson } from '../../payloads/small-objects';
import { ChangedFile } from '../../payloads/changed-file';
import type { ChunkResult, RelabelChunkInput } from '../contracts';
import { toActivityFailure, classifyError, type ClassifiedError } from '../failures';
import { stopIfCancelled, whileHeartbeating } from '../heartbeating';
import { findOverlap } from './overlap';
import type { PlanLabels } from './plan-labels';
import {
  readSentMark,
  receiptFiles,
  receiptFilesForRange,
  writeReceipt,
  writeSentMark,
  readReceipt,
  type ReceiptFile,
} from '../../payloads/receipts';
import type { RetryAfterGate } from './retry-after-gate';

export interface RelabelChunkDeps {
  readonly store: PayloadStore;
  readonly service: LabelingService;
  /** The second lock behind the service's own time-out. */
  readonly timeoutMs: number;
  readonly plans: PlanLabels;
  readonly gate: RetryAfterGate;
}

/** A call and what it is about. */
interface Call {
  readonly ref: AttemptRef;
  readonly plan: Plan;
  readonly range: Range;
  readonly items: readonly Item[];
  /** A former call that named these labels and whose answer was lost. */
  readonly lost: Range | undefined;
  /** How often this very call was made and no answer came. */
  readonly noAnswers: number;
  readonly sentAt: string;
  /** Its sent-mark stays when the call has surely no effect: it speaks of a former one that may have. */
  readonly keepMark: boolean;
}

/** Time-outs in a row after which a call is cut in two: one is bad luck, two are its size. */
const noAnswersBeforeShrinking = 2;
/** The service's own time-out ends first; this is for one that forgot to. */
const slackMs = 5000;

/**
 * One call for a range of a plan: the sent-mark is on disk before the call, the receipt before the activity returns. A repeated
 * attempt, and a run that goes on after another, looks at both first.
 */
export function createRelabelChunk(
  deps: RelabelChunkDeps,
): (input: RelabelChunkInput) => Promise<ChunkResult> {
  return (input) => {
    const details = { chunk: `labels ${input.from + 1}-${input.to}`, labels: input.to - input.from };
    return whileHeartbeating(
      () => details,
      () => toActivityFailure('relabeling a chunk', () => unlessChanged(() => relabelChunk(deps, input))),
    );
  };
}

/** A changed plan is a person's matter: the export keeps its place until the file is mended. */
async function unlessChanged(work: () => Promise<ChunkResult>): Promise<ChunkResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ChangedFile)
      return {
        kind: 'needs-person',
        because: `${error.message} Nothing of this chunk was sent.`.slice(0, 300),
      };
    throw error;
  }
}

async function relabelChunk(deps: RelabelChunkDeps, input: RelabelChunkInput): Promise<ChunkResult> {
  const { ref } = input;
  const lookAtAll = input.mayOverlap || input.lookBack || activityInfo().attempt > 1;
  const files = await (lookAtAll
    ? receiptFiles(deps.store, ref)
    : receiptFilesForRange(deps.store, ref, input));
  if (input.lookBack) await checkReceipts(deps.store, ref, files);
  const overlap = await findOverlap(deps.store, ref, input, files);
  if (overlap.kind === 'answered') return chunkResult(overlap.receipt, input);
  const { range, lost } = overlap;
  const plan = await deps.plans.plan(ref);
  const { items, fits } = await deps.plans.items(ref, range, deps.service.maxCallBytes);
  if (fits < range.to - range.from) return { kind: 'too-many-bytes', fits };
  const mark = lost && (await readSentMark(deps.store, ref, range));
  const keepMark = files.some(
    (file) => file.kind === 'sent' && file.from === range.from && file.to === range.to,
  );
  const call: Call = {
    ref,
    plan,
    range,
    items,
    lost,
    noAnswers: mark?.noAnswers ?? 0,
    sentAt: new Date().toISOString(),
    keepMark,
  };
  return (
    (lost && (await resolveLostCall(deps, { ...call, sentAt: mark?.sentAt ?? call.sentAt }, lost))) ??
    send(deps, call)
  );
}

/** @throws {ChangedFile} for the first receipt that is not what was written. */
async function checkReceipts(
  store: PayloadStore,
  ref: AttemptRef,
  files: readonly ReceiptFile[],
): Promise<void> {
  for (const file of files) {
    stopIfCancelled();
    if (file.kind === 'receipt') await readReceipt(store, ref, file);
  }
}

/**
 * What came of a call whose answer was lost: the service can tell, or it may be sent again (undefined), or nobody will ever know.
 */
async function resolveLostCall(
  deps: RelabelChunkDeps,
  call: Call,
  lost: Range,
): Promise<ChunkResult | undefined> {
  const { service } = deps;
  const nobodyKnows = { repeated: false, reported: null, items: unconfirmed(call.items) };
  if (!service.verify) return service.idempotent ? undefined : recordOutcomes(deps, call, nobodyKnows);
  let items: readonly ItemOutcome[];
  try {
    checkGate(deps);
    items = await service.verify(call.items, callContext(call.plan, lost));
  } catch (error) {
    const sorted = withoutEffect(classifyError(error));
    if (call.items.length === 1 && isAboutItems(sorted)) return recordOutcomes(deps, call, nobodyKnows); // the question was refused, not the label
    return handleFailure(deps, { ...call, keepMark: true }, sorted, error);
  }
  const isWhole = items.length === call.items.length;
  if (service.idempotent && !(isWhole && items.every(({ outcome }) => outcome !== 'unconfirmed')))
    return undefined;
  return recordOutcomes(deps, call, isWhole ? { ...nobodyKnows, items } : nobodyKnows);
}

async function send(deps: RelabelChunkDeps, call: Call): Promise<ChunkResult> {
  checkGate(deps); // before the mark: waiting leaves no trace
  await writeSentMark(deps.store, call.ref, call.range, {
    version: 1,
    sentAt: call.sentAt,
    noAnswers: call.noAnswers,
  });
  let answer: RelabelAnswer;
  try {
    checkGate(deps); // another call may have closed the gate while the mark went to disk
    answer = await deps.service.relabel(
      call.items,
      callContext(call.plan, call.range),
      AbortSignal.timeout(deps.timeoutMs + slackMs),
    );
  } catch (error) {
    return handleFailure(deps, call, classifyError(error), error);
  }
  const items = answer.items.length === call.items.length ? answer.items : unconfirmed(call.items);
  return recordOutcomes(deps, call, { repeated: call.lost !== undefined, reported: answer.reported, items });
}

/** No call begins while Retry-After holds or after a cancellation. One that has begun is let end: its answer is worth a receipt. */
function checkGate({ gate }: RelabelChunkDeps): void {
  stopIfCancelled();
  gate.pass();
}

async function handleFailure(
  deps: RelabelChunkDeps,
  call: Call,
  sorted: ClassifiedError,
  error: unknown,
): Promise<ChunkResult> {
  if (error instanceof LabelingError && error.retryAfterMs !== undefined) deps.gate.close(error.retryAfterMs);
  if (sorted.kind === 'unknown-effect') return handleNoAnswer(deps, call, sorted.failure);
  if (call.items.length === 1 && isAboutItems(sorted)) {
    const reason = sorted.detail ?? sorted.message;
    return recordOutcomes(deps, call, {
      repeated: call.lost !== undefined,
      reported: 0,
      items: call.items.map(({ labelId }) => ({ labelId, outcome: 'refused', reason })),
    });
  }
  if (!call.keepMark) await deps.store.remove(sentKey(call.ref, call.range));
  switch (sorted.kind) {
    case 'try-again':
      stopIfCancelled();
      throw sorted.failure;
    case 'too-large':
    case 'bad-items':
      return { kind: sorted.kind };
    case 'needs-person':
      await recordRefusal(deps, call, sorted);
      return { kind: 'needs-person', because: sorted.because };
  }
}

/** The mark stays: the next attempt knows that the labels may have been relabeled, and marks the receipt `repeated`. */
async function handleNoAnswer(deps: RelabelChunkDeps, call: Call, failure: Error): Promise<ChunkResult> {
  const noAnswers = call.noAnswers + 1;
  await writeSentMark(deps.store, call.ref, call.range, { version: 1, sentAt: call.sentAt, noAnswers });
  if (noAnswers >= noAnswersBeforeShrinking && call.items.length > 1 && deps.service.idempotent)
    return { kind: 'too-large' };
  stopIfCancelled();
  throw failure;
}

function isAboutItems(
  sorted: ClassifiedError,
): sorted is Extract<ClassifiedError, { kind: 'too-large' | 'bad-items' }> {
  return sorted.kind === 'too-large' || sorted.kind === 'bad-items';
}

/** A question to the service changes nothing, answered or not. */
function withoutEffect(sorted: ClassifiedError): ClassifiedError {
  return sorted.kind === 'unknown-effect' ? { kind: 'try-again', failure: sorted.failure } : sorted;
}

/** The service's own words, for the person who is asked; they may name label ids, so they go no further. */
async function recordRefusal(
  { store }: RelabelChunkDeps,
  { ref, range }: Call,
  { because, detail }: Extract<ClassifiedError, { kind: 'needs-person' }>,
): Promise<void> {
  await writeJson(store, refusalKey(ref, range), {
    version: 1,
    at: new Date().toISOString(),
    because,
    detail: detail ?? null,
  });
}

async function recordOutcomes(
  deps: RelabelChunkDeps,
  call: Call,
  answer: Pick<Receipt, 'repeated' | 'reported' | 'items'>,
): Promise<ChunkResult> {
  const { range, sentAt, items } = call;
  const receipt: Receipt = {
    version: 1,
    ...range,
    sentAt,
    answeredAt: new Date().toISOString(),
    requested: items.length,
    ...answer,
  };
  await writeReceipt(deps.store, call.ref, receipt);
  return chunkResult(receipt, range);
}

function callContext(plan: Plan, range: Range): CallContext {
  return { project: plan.destinationProject, key: `${plan.requestId}/${range.from}-${range.to}` };
}

function unconfirmed(items: readonly Item[]): ItemOutcome[] {
  return items.map(({ labelId }) => ({ labelId, outcome: 'unconfirmed', reason: unconfirmedReason }));
}

const unconfirmedReason = 'It was sent, and the labeling service did not say what came of it.';

/** What a receipt says of the labels from `from` on, as far as both reach. */
function chunkResult(receipt: Receipt, { from, to }: Range): ChunkResult {
  const upTo = Math.min(receipt.to, to);
  const items = receipt.items.slice(from - receipt.from, upTo - receipt.from);
  return { kind: 'done', upTo, ...countOutcomes(items.map(({ outcome }) => outcome)) };
}
