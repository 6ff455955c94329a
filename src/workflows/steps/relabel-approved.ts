import { condition } from '@temporalio/workflow';
import type { ChunkResult } from '../../activities/contracts';
import { cut, giveBack, half } from '../../domain/send-cursor';
import type { Range } from '../../domain/receipt';
import { relabelChunkOn } from './activity-options';
import { hasKept, nothingIsSent } from '../decide/decide';
import type { CurrentExport } from '../state/carried';
import { tell } from './notices';
import type { Run } from '../state/run-context';

/** `approved-sent`: what is approved so far is sent, and there is more to ask for. */
export type Sending = 'all-sent' | 'approved-sent' | 'rejected-first' | 'cancelled';

interface Landed {
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
  const window = new Window(run);
  for (;;) {
    window.fill();
    run.verdict = undefined;
    if (run.inFlight > 0) {
      await condition(() => window.landed.length > 0 || window.canFill());
      window.settle();
      continue;
    }
    if (window.isDone() && allSent(run)) return 'all-sent';
    if (run.cancelled) return 'cancelled';
    if (mayStillReject(run)) return 'rejected-first';
    if (run.pause) await untilResumed(run);
    else if (window.isDone()) return 'approved-sent';
    else if (run.mustContinueAsNew) await run.continueAsNew();
    else if (run.isFull) await condition(() => run.mustContinueAsNew || run.cancelled || run.pause !== undefined);
  }
}

/** Calls in flight, and what comes back from them. */
class Window {
  readonly landed: Landed[] = [];
  /** `run.pauses` when a call was last answered that was made since the last pause: the others may go. */
  private openedAt = -1;

  constructor(private readonly run: Run) {}

  isDone(): boolean {
    const current = currentOf(this.run);
    return cut(current.place, current.approvedUpTo) === undefined;
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
      const next = cut(current.place, current.approvedUpTo);
      if (!next) return;
      this.run.update({ place: next.place });
      this.run.setStage('sending');
      this.start(current, next.range, current.place.returned.length > 0);
    }
  }

  settle(): void {
    for (const landed of this.landed.splice(0)) this.settleOne(landed);
    this.run.showDone();
  }

  /** @param again whether the range was cut before: receipts and sent-marks of other cuts may overlap it. */
  private start(current: CurrentExport, range: Range, again: boolean): void {
    this.run.inFlight += 1;
    const { pauses } = this.run;
    const { ref, touchedUpTo, taskQueue } = current.plan;
    const mayOverlap = again || range.from < touchedUpTo;
    const lookBack = !this.isOpen && current.place.done > 0 ? { lookBack: true } : {};
    const call = this.run.cancellable(() => relabelChunkOn(taskQueue, range)({ ref, ...range, mayOverlap, ...lookBack }));
    void call
      .catch((error: unknown) => ({ kind: 'broken' as const, message: messageOf(error) }))
      .then((result) => {
        this.run.inFlight -= 1;
        this.landed.push({ range, pauses, result });
      });
  }

  private settleOne({ range, pauses, result }: Landed): void {
    const { run } = this;
    const { place, counts } = currentOf(run);
    if (result === 'cancelled') return void run.update({ place: giveBack(place, range) });
    switch (result.kind) {
      case 'done': {
        this.openedAt = Math.max(this.openedAt, pauses);
        const done = giveBack({ ...place, done: place.done + 1 }, { from: result.upTo, to: range.to });
        const sum = {
          relabeled: counts.relabeled + result.relabeled,
          alreadyGone: counts.alreadyGone + result.alreadyGone,
          refused: counts.refused + result.refused,
          unconfirmed: counts.unconfirmed + result.unconfirmed,
        };
        return void run.update({ place: done, counts: sum });
      }
      case 'too-many-bytes':
        return void run.update({ place: giveBack(place, range, Math.max(1, result.fits)) });
      case 'too-large':
        if (range.to - range.from === 1) return this.stop(range, 'The labeling service refuses the size of a call with a single label.');
        this.openedAt = Math.max(this.openedAt, pauses);
        return void run.update({
          place: giveBack({ ...place, chunkLabels: Math.min(place.chunkLabels, half(range)) }, range, half(range)),
        });
      case 'bad-items':
        if (range.to - range.from === 1)
          return this.stop(range, 'The labeling service refused a single label, and its refusal was not kept.');
        this.openedAt = Math.max(this.openedAt, pauses);
        return void run.update({ place: giveBack(place, range, half(range)) });
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
    run.update({ place: giveBack(currentOf(run).place, range) });
    if (run.pause) return;
    run.startPause({ because: because.slice(0, 300), by: 'service', since: Date.now() });
    run.note(`Paused: ${because}`);
    tell(run, 'export.paused');
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
  return nothingIsSent(run) && hasKept(run, currentOf(run), 'reject');
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
function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message.slice(0, 200) : 'unknown failure';
}
