import { activityInfo, Context } from '@temporalio/activity';
import type { Plan } from '../domain/plan';
import type { ItemOutcome, Range, Receipt } from '../domain/receipt';
import type { CallContext, Item, LabelingService } from '../labeling/labeling-service';
import { receiptKey, refusalKey, sentKey } from '../payloads/keys';
import type { PayloadStore } from '../payloads/payload-store';
import { readJson, writeJson } from '../payloads/read-whole';
import { type ReceiptFile, receiptFiles } from './attempts';
import { whileHeartbeating } from './heartbeating';
import { LabelingError } from '../labeling/labeling-error';
import type { ChunkCounts, ChunkResult, RelabelChunkInput } from './contracts';
import { sortFailure, tryAgain } from './failures';
import { PlanChanged, type PlanLabels } from './plan-labels';
import type { RetryAfterGate } from './retry-after-gate';

export interface RelabelChunkDeps {
  readonly store: PayloadStore;
  readonly service: LabelingService;
  readonly plans: PlanLabels;
  readonly gate: RetryAfterGate;
}

/** The part of a range that one call may take, and what is known of it. */
interface Cut extends Range {
  /** It was sent before and no receipt says what came of it. */
  readonly unknownEffect: boolean;
}

/**
 * One call for a range of a plan: the sent-mark is on disk before the call, the receipt before the activity returns. A repeated
 * attempt, and a run that goes on after another, reads both first.
 */
export function createRelabelChunk(deps: RelabelChunkDeps): (input: RelabelChunkInput) => Promise<ChunkResult> {
  return async (input) => {
    try {
      return await relabelRange(deps, input);
    } catch (error) {
      if (error instanceof PlanChanged) return { kind: 'needs-person', because: `Nothing was sent: ${error.message}`.slice(0, 300) };
      throw error;
    }
  };
}

async function relabelRange(deps: RelabelChunkDeps, input: RelabelChunkInput): Promise<ChunkResult> {
  const isFresh = activityInfo().attempt === 1 && !input.mayOverlap;
  const files = isFresh ? [] : await receiptFiles(deps.store, input.ref);
  const covering = files.find(({ kind, from, to }) => kind === 'receipt' && from <= input.from && input.from < to);
  if (covering) return answerOfReceipt(deps, input, covering);
  const plan = await deps.plans.plan(input.ref);
  const cut = cutBefore(files, input);
  const items = (await deps.plans.labels(input.ref, cut)).map(({ labelId }): Item => ({ labelId }));
  const fits = howManyFit(items, deps.service.maxCallBytes);
  if (fits < items.length) return { kind: 'too-many-bytes', fits: Math.max(1, fits) };
  return sendCut(deps, input, plan, cut, items);
}

async function answerOfReceipt(deps: RelabelChunkDeps, input: RelabelChunkInput, range: Range): Promise<ChunkResult> {
  const receipt = await readJson<Receipt>(deps.store, receiptKey(input.ref, range));
  const upTo = Math.min(receipt.to, input.to);
  return done(upTo, receipt.repeated, receipt.items.slice(input.from - receipt.from, upTo - receipt.from));
}

/** The range up to where a receipt, or the border of a sent-mark, begins. */
function cutBefore(files: readonly ReceiptFile[], { from, to }: Range): Cut {
  const unanswered = files.filter(
    (file) => file.kind === 'sent' && !files.some((other) => other.kind === 'receipt' && other.from === file.from && other.to === file.to),
  );
  const borders = [
    ...files.filter(({ kind }) => kind === 'receipt').map((file) => file.from),
    ...unanswered.flatMap((file) => [file.from, file.to]),
  ];
  const end = borders.reduce((least, border) => (border > from && border < least ? border : least), to);
  return { from, to: end, unknownEffect: unanswered.some((file) => file.from <= from && from < file.to) };
}

function howManyFit(items: readonly Item[], maxBytes: number): number {
  let bytes = 0;
  const over = items.findIndex(({ labelId }) => (bytes += Buffer.byteLength(JSON.stringify(labelId), 'utf8') + 1) > maxBytes);
  return over < 0 ? items.length : over;
}

async function sendCut(
  deps: RelabelChunkDeps,
  input: RelabelChunkInput,
  plan: Plan,
  cut: Cut,
  items: readonly Item[],
): Promise<ChunkResult> {
  const context: CallContext = { project: plan.destinationProject, key: `${plan.requestId}/${cut.from}-${cut.to}` };
  const sentAt = new Date().toISOString();
  if (cut.unknownEffect) {
    const known = await afterUnknownEffect(deps.service, items, context);
    if (known) return keepReceipt(deps, input, cut, { repeated: true, sentAt, reported: null, items: known });
  }
  const closed = deps.gate.msLeft();
  if (closed > 0) throw tryAgain('The destination asked to wait (Retry-After).', 'LabelingTryAgain', closed);
  Context.current().cancellationSignal.throwIfAborted();
  await writeJson(deps.store, sentKey(input.ref, cut), { at: sentAt });
  try {
    const details = { chunk: `labels ${cut.from + 1}-${cut.to}`, labels: items.length };
    const answer = await whileHeartbeating(details, () => deps.service.relabel(items, context, new AbortController().signal));
    return await keepReceipt(deps, input, cut, { repeated: cut.unknownEffect, sentAt, ...answer });
  } catch (error) {
    return afterFailure(deps, input, cut, items, sentAt, error);
  }
}

/** What the service can tell, or what must be said, about labels that were sent and never answered; undefined: send them again. */
async function afterUnknownEffect(
  service: LabelingService,
  items: readonly Item[],
  context: CallContext,
): Promise<readonly ItemOutcome[] | undefined> {
  if (service.verify) return service.verify(items, context);
  if (service.idempotent) return undefined;
  return items.map(({ labelId }) => ({ labelId, outcome: 'unconfirmed', reason: 'It was sent and no answer came.' }));
}

async function afterFailure(
  deps: RelabelChunkDeps,
  input: RelabelChunkInput,
  cut: Cut,
  items: readonly Item[],
  sentAt: string,
  error: unknown,
): Promise<ChunkResult> {
  if (error instanceof LabelingError && error.retryAfterMs !== undefined) deps.gate.close(error.retryAfterMs);
  const sorted = sortFailure(error);
  if (sorted.kind === 'unknown-effect') {
    const mayShrink = cut.unknownEffect && items.length > 1 && deps.service.idempotent;
    if (mayShrink) return { kind: 'too-large' };
    throw sorted.failure;
  }
  if (!cut.unknownEffect) await deps.store.remove(sentKey(input.ref, cut));
  switch (sorted.kind) {
    case 'try-again':
      throw sorted.failure;
    case 'too-large':
      return { kind: 'too-large' };
    case 'needs-person':
      if (sorted.detail)
        await writeJson(deps.store, refusalKey(input.ref, cut), { at: sentAt, message: sorted.because, detail: sorted.detail });
      return { kind: 'needs-person', because: sorted.because };
    case 'bad-items':
      if (items.length > 1) return { kind: 'bad-items' };
      return keepReceipt(deps, input, cut, {
        repeated: cut.unknownEffect,
        sentAt,
        reported: 0,
        items: refused(items, sorted.detail ?? sorted.message),
      });
  }
}

function refused(items: readonly Item[], reason: string): ItemOutcome[] {
  return items.map(({ labelId }) => ({ labelId, outcome: 'refused', reason }));
}

async function keepReceipt(
  deps: RelabelChunkDeps,
  input: RelabelChunkInput,
  { from, to }: Cut,
  answer: Pick<Receipt, 'repeated' | 'sentAt' | 'reported' | 'items'>,
): Promise<ChunkResult> {
  const receipt: Receipt = { version: 1, from, to, answeredAt: new Date().toISOString(), requested: to - from, ...answer };
  await writeJson(deps.store, receiptKey(input.ref, { from, to }), receipt);
  return done(to, receipt.repeated, receipt.items);
}

function done(upTo: number, repeated: boolean, items: readonly ItemOutcome[]): ChunkResult {
  const counts: ChunkCounts = {
    relabeled: count(items, 'relabeled'),
    alreadyGone: count(items, 'already-gone'),
    refused: count(items, 'refused'),
    unconfirmed: count(items, 'unconfirmed'),
  };
  return { kind: 'done', upTo, repeated, ...counts };
}

function count(items: readonly ItemOutcome[], outcome: ItemOutcome['outcome']): number {
  return items.filter((item) => item.outcome === outcome).length;
}
