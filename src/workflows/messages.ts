import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { LogEntry } from '../domain/decision-log';
import type { LeftOutReason } from '../domain/plan';
import type { LabelCounts } from '../domain/label-outcome';
import type { ExportRequest } from '../domain/request';
import type { Stage } from '../domain/stage';

/** From the dispatcher: carry out this request. Giving the same requestId twice is harmless. */
export const exportRequestedSignal = defineSignal<[ExportRequest]>('exportRequested');
/** A yes to the question that is asked; see `domain/decision.ts` for everything it may be given. */
export const approveSignal = defineSignal<unknown[]>('approve');
export const rejectSignal = defineSignal<unknown[]>('reject');
/** Sends nothing more until `resume`; calls in flight end. */
export const pauseSignal = defineSignal<unknown[]>('pause');
/** Goes on. With `{"waitingFor":"destination"}` only after a pause that the labeling service caused. */
export const resumeSignal = defineSignal<unknown[]>('resume');
/** From the gateway, right before it cancels: `{"by":"…","reason":"…"}`, since Temporal's cancel bears no name. */
export const cancellingSignal = defineSignal<unknown[]>('cancelling');
/** A decision, strictly checked: refused with a sentence, or answered with what it did. */
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
  /** From the gateway alone: its record of the decision in the store, the proof that `by` showed a token. */
  readonly record?: string;
}

/** `answered`: the question that is asked; `early`: kept for the next question of its revision; `done`: those labels are approved already. */
export interface DecideResult {
  readonly result: 'answered' | 'early' | 'done';
  readonly revision: string;
  readonly message: string;
}

/** Where the current export (the last one, when none is left) stands. */
export interface Progress {
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  readonly revision: string;
  /** Which attempt at the revision; absent before its plan is made. */
  readonly attempt?: number;
  readonly stage: Stage;
  readonly destination: string;
  readonly labels: LabelCounts;
  readonly leftOut: Partial<Record<LeftOutReason, number>>;
  readonly chunks: { readonly total: number; readonly done: number };
  readonly approval: {
    readonly needed: boolean;
    /** Labels approved so far. */
    readonly upTo: number;
    /** Absent while it is paused. */
    readonly expiresAt?: string;
    /** While it is paused: what is left from `resume` on. */
    readonly remainingMs?: number;
    /** Number of the question that is asked, from 1; absent when none is. */
    readonly question?: number;
  };
  readonly pausedBecause?: string;
  /** `service`: it paused by itself, because of the destination. */
  readonly pausedBy?: 'person' | 'service';
  readonly outcome?: string;
  /** Requests that wait behind the current one. */
  readonly queued: number;
  readonly log: readonly LogEntry[];
}
