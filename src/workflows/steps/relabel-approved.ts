import { condition } from '@temporalio/workflow';
import { addOutcomes } from '../../domain/label-outcome';
import type { ChunkResult } from '../../activities/contracts';
import { nextChunk, returnRange, halfSize } from '../../domain/send-cursor';
import type { Range } from '../../domain/receipt';
import { relabelChunkOn } from './activity-options';
import { hasPendingDecision, nothingIsSent } from '../decide/decide';
import type { CurrentExport } from '../state/carried';
import { notifyTargets } from './notices';
import type { Run } from '../state/run';

/** `approved-sent`: what is approved so far is sent, and there is more to ask for. */
export type Sending = 'all-sent' | 'approved-sent' | 'rejected-first' | 'cancelled';

interface CallResult {
  readonly range: Range;
  /** `run.pauses` when the call was made. */
  readonly pauses: number;
  /** `cancelled`: it never ran, or its call was given up. */
  readonly result: ChunkResult | 'cancelled' | { readonly kind: 'broken'; readonly message: string };
}

/**
 * Sends the approved labels of the current export, one call an activity, W at once. The first call, and the first after each
 * resume, goes alone: a refused key costs one call, not W.
 */
export async function relabelApproved(run: Run): Promise<Sending> {
  const window = new SendWindow(run);
  for (;;) {
    window.fill();
    run.verdict = undefined;
    if (run.inFlight > 0) {
      await condition(() => window.results.length > 0 || window.canFill());
      window.applyResults();
      continue;
    }
    if (window.isDone() && allSent(run)) return 'all-sent';
    if (run.cancelled) return 'cancelled';
    if (mayStillReject(run)) return 'rejected-first';
    if (run.pause) await untilResumed(run);
    else if (window.isDone()) return 'approved-sent';
    else if (run.mustContinueAsNew) await run.continueAsNew();
    else if (run.isFull)
      await condition(() => run.mustContinueAsNew || run.cancelled || run.pause !== undefined);
  }
}

/** Calls in flight, and what comes back from them. */
class SendWindow {
  readonly results: CallResult[] = [];
  /** `run.pauses` when a call was last answered that was made since the last pause: the others may go. */
  private openedAt = -1;

  constructor(private readonly run: Run) {}

  isDone(): boolean {
    const current = currentOf(this.run);
    return nextChunk(current.cursor, current.approvedUpTo) === undefined;
  }

  canFill(): boolean {
    const { run } = this;
    if (run.cancelled || run.pause || run.isFull || this.isDone()) return false;
    return run.inFlight < (this.isOpen ? currentOf(run).plan.inFlight : 1);
  }

  /** Before it opens, calls go alone. */
  private get isOpen(): boolean {
    return this.openedAt === this.run.pauses;
  }

  fill(): void {
    while (this.canFill()) {
      const current = currentOf(this.run);
      const next = nextChunk(current.cursor, current.approvedUpTo);
      if (!next) return;
      this.run.update({ cursor: next.place });
      this.run.setStage('sending');
      this.start(current, next.range, current.cursor.returned.length > 0);
    }
  }

  applyResults(): void {
    for (const results of this.results.splice(0)) this.applyResult(results);
    this.run.showDone();
  }

  /** @param again whether the range was cut before: receipts and sent-marks of other cuts may overlap it. */
  private start(current: CurrentExport, range: Range, again: boolean): void {
    this.run.inFlight += 1;
    const { pauses } = this.run;
    const { ref, touchedUpTo, taskQueue } = current.plan;
    const mayOverlap = again || range.from < touchedUpTo;
    const lookBack = !this.isOpen && current.cursor.done > 0 ? { lookBack: true } : {};
    const call = this.run.cancellable(() =>
      relabelChunkOn(taskQueue, range)({ ref, ...range, mayOverlap, ...lookBack }),
    );
    void call
      .catch((error: unknown) => ({ kind: 'broken' as const, message: rootMessage(error) }))
      .then((result) => {
        this.run.inFlight -= 1;
        this.results.push({ range, pauses, result });
      });
  }

  private applyResult({ range, pauses, result }: CallResult): void {
    const { run } = this;
    const { cursor, counts } = currentOf(run);
    if (result === 'cancelled') return void run.update({ cursor: returnRange(cursor, range) });
    switch (result.kind) {
      case 'done': {
        this.openedAt = Math.max(this.openedAt, pauses);
        const done = returnRange({ ...cursor, done: cursor.done + 1 }, { from: result.upTo, to: range.to });
        return void run.update({ cursor: done, counts: addOutcomes(counts, result) });
      }
      case 'too-many-bytes':
        return void run.update({ cursor: returnRange(cursor, range, Math.max(1, result.fits)) });
      case 'too-large':
        if (range.to - range.from === 1)
          return this.stop(range, 'The labeling service refuses the size of a call with a single label.');
        this.openedAt = Math.max(this.openedAt, pauses);
        return void run.update({
          cursor: returnRange(
            { ...cursor, chunkLabels: Math.min(cursor.chunkLabels, halfSize(range)) },
            range,
            halfSize(range),
          ),
        });
      case 'bad-items':
        if (range.to - range.from === 1)
          return this.stop(
            range,
            'The labeling service refused a single label, and its refusal was not kept.',
          );
        this.openedAt = Math.max(this.openedAt, pauses);
        return void run.update({ cursor: returnRange(cursor, range, halfSize(range)) });
      case 'needs-person':
        return this.stop(range, result.because);
      case 'broken':
        return this.stop(range, `relabelChunk failed for good: ${result.message}`);
      default:
        return this.stop(range, 'relabelChunk gave an answer that nobody can read.'); // an undecodable payload, or a worker of another version
    }
  }

  /** Keeps the place and waits for a person. */
  private stop(range: Range, because: string): void {
    const { run } = this;
    run.update({ cursor: returnRange(currentOf(run).cursor, range) });
    if (run.pause) return;
    run.startPause({ because: because.slice(0, 300), by: 'service', since: Date.now() });
    run.addLogEntry(`Paused: ${because}`);
    notifyTargets(run, 'export.paused');
  }
}

/** Waits with nothing in flight; the next call goes alone. */
async function untilResumed(run: Run): Promise<void> {
  run.setStage('paused');
  await condition(() => !run.pause || run.cancelled || mayStillReject(run) || run.mustContinueAsNew);
  if (run.pause && !run.cancelled && !mayStillReject(run)) await run.continueAsNew();
}

/** A rejection is kept, and nothing was sent yet: it stops also what policy has approved. */
function mayStillReject(run: Run): boolean {
  return nothingIsSent(run) && hasPendingDecision(run, currentOf(run), 'reject');
}

function allSent(run: Run): boolean {
  const current = currentOf(run);
  return current.approvedUpTo >= current.plan.labels;
}

function currentOf(run: Run): CurrentExport {
  if (!run.current) throw new Error('There is no current export.');
  return run.current;
}

/** The sentence of the failure under Temporal's wrapping. */
function rootMessage(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message.slice(0, 200) : 'unknown failure';
}
