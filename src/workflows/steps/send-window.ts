import { defined } from '../../collections/defined';
import type { ChunkResult, KeepsFailing, StandingFailure } from '../../activities/contracts';
import { addOutcomes } from '../../domain/label-outcome';
import type { Range } from '../../domain/receipt';
import { answeredRanges, halfSize, nextChunk, returnRange } from '../../domain/send-cursor';
import type { CurrentExport, Pause } from '../state/carried';
import { requireExport } from '../state/issue-state';
import type { Run } from '../state/run';
import { relabelChunkOn } from './activity-options';
import { type CallOptions, FailingRanges, type PlannedCall } from './failing-ranges';
import { notifyReceivers } from './notices';
import { rootMessage } from './root-message';
import { noteAnswer, noteFailure, noteStillFailing } from './stuck';

interface CallResult {
  readonly range: Range;
  /** Number of the call, in the order in which calls began. */
  readonly call: number;
  /** `pauseCount` when the call was made. */
  readonly pauseCount: number;
  /** `cancelled`: the call was never made, or was given up. */
  readonly result: ChunkResult | 'cancelled' | { readonly kind: 'broken'; readonly message: string };
}

/**
 * The calls in flight, and their results. The first call, and the first after each resume, goes alone: a
 * refused key then costs one call, not `inFlight` calls (docs/decisions/006-the-first-call-goes-alone.md).
 */
export class SendWindow {
  readonly results: CallResult[] = [];
  /** `pauseCount` of the last call that proved key, project and mutation to be right; -1 before it. */
  private openedAtPauseCount = -1;
  private readonly failing = new FailingRanges();
  /** How to call ranges of the cursor that are not called in the ordinary way, by `toKey`. */
  private readonly options = new Map<string, CallOptions>();

  constructor(private readonly run: Run) {}

  /** Every approved label is sent or in flight. */
  isDone(): boolean {
    const { cursor, approvedUpTo } = this.current;
    return nextChunk(cursor, approvedUpTo) === undefined;
  }

  canFill(): boolean {
    if (this.isStopped || this.isDone()) return false;
    const held = this.options.size > 0 ? 0 : this.failing.heldRanges.length; // a held range keeps its place in the window
    return this.run.state.callsInFlight + held < (this.isOpen ? this.current.plan.inFlight : 1);
  }

  /** Ranges that keep failing are held back, and no call is in flight that could show why. */
  hasHeldRanges(): boolean {
    return this.failing.heldRanges.length > 0;
  }

  /** Decides what becomes of the held ranges. */
  searchHeldRanges(): void {
    if (this.isStopped) return this.release();
    const fresh = this.nextRange();
    const step = this.failing.next(fresh, this.current.cursor.done > 0);
    if (step.kind === 'pause') return this.pause(step.ranges, step.because);
    for (const planned of step.calls) {
      this.options.set(toKey(planned.range), planned.options);
      if (planned.range !== fresh) this.sendAgain(planned.range);
    }
  }

  /** Returns the held ranges to the cursor, and forgets what is known about failing ranges. */
  release(): void {
    for (const range of this.failing.release()) this.sendAgain(range);
    this.options.clear();
  }

  fill(): void {
    while (this.canFill()) {
      const current = this.current;
      const next = nextChunk(current.cursor, current.approvedUpTo);
      if (!next) return;
      this.run.updateExport({ cursor: next.cursor });
      this.run.setStage('sending');
      this.call(current, next.range);
    }
  }

  applyResults(): void {
    for (const result of this.results.splice(0)) this.applyResult(result);
    for (const planned of this.failing.takeProven()) this.plan(planned);
    this.run.showLabelsDone();
  }

  private get isStopped(): boolean {
    const { state, isFull } = this.run;
    return state.cancelled || state.pause !== undefined || isFull;
  }

  private nextRange(): Range | undefined {
    const { cursor, approvedUpTo } = this.current;
    return nextChunk(cursor, approvedUpTo)?.range;
  }

  private plan({ range, options }: PlannedCall): void {
    this.options.set(toKey(range), options);
    this.sendAgain(range);
  }

  private get current(): CurrentExport {
    return requireExport(this.run.state);
  }

  private get isOpen(): boolean {
    return this.openedAtPauseCount === this.run.state.pauseCount;
  }

  private open(pauseCount: number): void {
    this.openedAtPauseCount = Math.max(this.openedAtPauseCount, pauseCount);
  }

  /** @param before state of the export before `range` was taken from its cursor. */
  private call(before: CurrentExport, range: Range): void {
    const { state } = this.run;
    const { ref, planSha256, touchedUpTo, taskQueue } = before.plan;
    const { pauseCount } = state;
    const mayOverlap = before.cursor.returned.length > 0 || range.from < touchedUpTo; // other ranges may have receipts and sent-marks here
    const lookBack = !this.isOpen && before.cursor.done > 0 ? this.lookBack(before) : {};
    const call = this.failing.countCall();
    const options = this.options.get(toKey(range));
    this.options.delete(toKey(range));
    state.callsInFlight += 1;
    const result = this.run.cancellable(() =>
      relabelChunkOn(
        taskQueue,
        range,
      )({
        ref,
        ...defined({ planSha256 }),
        ...range,
        mayOverlap,
        ...lookBack,
        ...options,
      }),
    );
    void result
      .catch((error: unknown) => ({ kind: 'broken' as const, message: rootMessage(error) }))
      .then((outcome) => {
        state.callsInFlight -= 1;
        this.results.push({ range, call, pauseCount, result: outcome });
      });
  }

  /** The call goes alone: everything that has an outcome must have a receipt. */
  private lookBack({ cursor }: CurrentExport) {
    return { lookBack: true, answered: answeredRanges(cursor, this.failing.heldRanges) };
  }

  private applyResult({ range, call, pauseCount, result }: CallResult): void {
    const { cursor, counts } = this.current;
    const isSingle = range.to - range.from === 1;
    if (result === 'cancelled') return this.sendAgain(range);
    switch (result.kind) {
      case 'done': {
        this.open(pauseCount);
        if (result.answered) this.answer(call);
        const done = { ...cursor, done: cursor.done + 1 };
        const rest = { from: result.upTo, to: range.to };
        this.run.updateExport({ cursor: returnRange(done, rest), counts: addOutcomes(counts, result) });
        return;
      }
      case 'too-many-bytes':
        return this.sendAgain(range, Math.max(1, result.fits));
      case 'too-large': {
        if (isSingle)
          return this.stop(range, 'The labeling service refuses a call with one label as too large.');
        if (!result.noAnswer) this.open(pauseCount);
        const chunkLabels = Math.min(cursor.chunkLabels, halfSize(range));
        this.run.updateExport({ cursor: { ...cursor, chunkLabels } });
        return this.sendAgain(range, halfSize(range));
      }
      case 'bad-items':
        if (isSingle)
          return this.stop(range, 'The labeling service refused one label, but no receipt was written.');
        this.open(pauseCount);
        return this.sendAgain(range, halfSize(range));
      case 'needs-person':
        return this.stop(range, result.because);
      case 'destination-paused':
        return this.pause([range], result.because, 'destination');
      case 'keeps-failing':
        return this.hold(range, call, result);
      case 'still-failing':
        return this.retryLater(range, result);
      case 'broken':
        return this.stop(range, `relabelChunk failed and is not retried: ${result.message}`);
      default: // a payload that could not be decoded, or a worker of another version
        return this.stop(
          range,
          'relabelChunk returned an unreadable result: check the versions of the workers.',
        );
    }
  }

  /** Returns a range to the cursor, in chunks of at most `maxLabels` labels. */
  private sendAgain(range: Range, maxLabels?: number): void {
    this.run.updateExport({ cursor: returnRange(this.current.cursor, range, maxLabels) });
  }

  private answer(call: number): void {
    this.failing.answer(call);
    noteAnswer(this.run);
  }

  private hold(range: Range, call: number, failure: KeepsFailing): void {
    if (this.isStopped) return this.sendAgain(range);
    this.failing.hold(range, call, failure);
    noteFailure(this.run, failure);
  }

  private retryLater(range: Range, { because, failures, waitMs }: StandingFailure): void {
    if (this.isStopped) return this.sendAgain(range);
    noteStillFailing(this.run, { because, failures, waitMs });
    this.plan({ range, options: { failedBefore: { because, failures, waitMs } } });
  }

  /** Pauses the export until an operator resumes it; it then sends `range` again. */
  private stop(range: Range, because: string): void {
    this.pause([range], because);
  }

  private pause(ranges: readonly Range[], because: string, by: Pause['by'] = 'service'): void {
    for (const range of ranges) this.sendAgain(range);
    if (this.run.state.pause) return;
    this.run.startPause({ because: because.slice(0, 300), by, since: Date.now() }); // 300 characters, like a log entry
    this.run.addLogEntry(`Paused: ${because}`);
    notifyReceivers(this.run, 'export.paused');
  }
}

function toKey({ from, to }: Range): string {
  return `${from}-${to}`;
}
