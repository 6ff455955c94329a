import { defined } from '../../collections/defined';
import type { ChunkResult } from '../../activities/contracts';
import { addOutcomes } from '../../domain/label-outcome';
import type { Range } from '../../domain/receipt';
import { halfSize, nextChunk, returnRange } from '../../domain/send-cursor';
import type { CurrentExport } from '../state/carried';
import { requireExport } from '../state/issue-state';
import type { Run } from '../state/run';
import { relabelChunkOn } from './activity-options';
import { notifyReceivers } from './notices';
import { rootMessage } from './root-message';

interface CallResult {
  readonly range: Range;
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

  constructor(private readonly run: Run) {}

  /** Every approved label is sent or in flight. */
  isDone(): boolean {
    const { cursor, approvedUpTo } = this.current;
    return nextChunk(cursor, approvedUpTo) === undefined;
  }

  canFill(): boolean {
    const { run } = this;
    if (run.state.cancelled || run.state.pause || run.isFull || this.isDone()) return false;
    return run.state.callsInFlight < (this.isOpen ? this.current.plan.inFlight : 1);
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
    this.run.showLabelsDone();
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
    const { ref, touchedUpTo, taskQueue } = before.plan;
    const { pauseCount } = state;
    const mayOverlap = before.cursor.returned.length > 0 || range.from < touchedUpTo; // other ranges may have receipts and sent-marks here
    const lookBack = !this.isOpen && before.cursor.done > 0 ? true : undefined;
    state.callsInFlight += 1;
    const result = this.run.cancellable(() =>
      relabelChunkOn(taskQueue, range)({ ref, ...range, mayOverlap, ...defined({ lookBack }) }),
    );
    void result
      .catch((error: unknown) => ({ kind: 'broken' as const, message: rootMessage(error) }))
      .then((outcome) => {
        state.callsInFlight -= 1;
        this.results.push({ range, pauseCount, result: outcome });
      });
  }

  private applyResult({ range, pauseCount, result }: CallResult): void {
    const { cursor, counts } = this.current;
    const isSingle = range.to - range.from === 1;
    if (result === 'cancelled') return this.sendAgain(range);
    switch (result.kind) {
      case 'done': {
        this.open(pauseCount);
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
        this.open(pauseCount);
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

  /** Pauses the export until an operator resumes it; it then sends `range` again. */
  private stop(range: Range, because: string): void {
    this.sendAgain(range);
    if (this.run.state.pause) return;
    this.run.startPause({ because: because.slice(0, 300), by: 'service', since: Date.now() }); // 300 characters, like a log entry
    this.run.addLogEntry(`Paused: ${because}`);
    notifyReceivers(this.run, 'export.paused');
  }
}
