import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { LogEntry } from '../domain/decision-log';
import type { LeftOutReason } from '../domain/plan';
import type { LabelCounts } from '../domain/label-outcome';
import type { ExportRequest } from '../domain/request';
import type { Stage } from '../domain/stage';

/** From the dispatcher: carry out this request. Sending the same requestId twice is harmless. */
export const exportRequestedSignal = defineSignal<[ExportRequest]>('exportRequested');
/** Yes to the open question; `decisions/parse-decision.ts` reads its arguments, which can be anything. */
export const approveSignal = defineSignal<unknown[]>('approve');
/** No to the open question; the same holds for its arguments. */
export const rejectSignal = defineSignal<unknown[]>('reject');
/** Sends nothing more until `resume`; calls in flight finish. */
export const pauseSignal = defineSignal<unknown[]>('pause');
/** Ends a pause; with `{"waitingFor":"destination"}` only a pause that the labeling service caused. */
export const resumeSignal = defineSignal<unknown[]>('resume');
/** From the gateway, before it cancels: `{"by":"…","reason":"…"}`. Temporal's cancel carries no name. */
export const cancellingSignal = defineSignal<unknown[]>('cancelling');
/** A decision, strictly checked: it is refused with a sentence, or answered with its effect. */
export const decideUpdate = defineUpdate<DecideResult, [DecideArgs]>('decide');
export const progressQuery = defineQuery<Progress>('progress');

export interface DecideArgs {
  readonly decision: 'approve' | 'reject';
  /** 12 or 64 hex digits. */
  readonly revision: string;
  readonly by: string;
  readonly reason?: string;
  /** Approves labels 1 to `upTo`; absent: all. */
  readonly upTo?: number;
  /** From the gateway alone: the name of the proof that `by` showed an operator's token. */
  readonly record?: string;
}

export interface DecideResult {
  /**
   * - `answered`: it answers the open question.
   * - `early`: it is kept for the next question about its revision.
   * - `done`: its labels are already approved.
   */
  readonly result: 'answered' | 'early' | 'done';
  readonly revision: string;
  readonly message: string;
}

/** Progress of the current export; without one, of the last. */
export interface Progress {
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  readonly revision: string;
  /** Absent before the plan is made. */
  readonly attempt?: number;
  readonly stage: Stage;
  readonly destination: string;
  readonly labels: LabelCounts;
  readonly leftOut: Partial<Record<LeftOutReason, number>>;
  readonly chunks: { readonly total: number; readonly done: number };
  readonly approval: {
    readonly needed: boolean;
    /** Labels 1 to this number are approved. */
    readonly upTo: number;
    /** ISO 8601; absent while the export is paused. */
    readonly expiresAt?: string;
    /** Only while the export is paused: the time that remains after `resume`. */
    readonly remainingMs?: number;
    /** Number of the open question, from 1; absent when none is open. */
    readonly question?: number;
  };
  readonly pausedBecause?: string;
  /** `service`: the labeling service caused the pause, for example with a refused key. */
  readonly pausedBy?: 'person' | 'service';
  readonly outcome?: string;
  /** Requests that wait behind the current one. */
  readonly queued: number;
  readonly log: readonly LogEntry[];
}
