import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { LogEntry } from '../activities/contracts';
import type { LeftOutReason } from '../domain/plan';
import type { LabelCounts } from '../domain/receipt';
import type { ExportRequest } from '../domain/request';
import type { Stage } from '../domain/stage';

/** From the starter: carry out this request. Giving the same requestId twice is harmless. */
export const exportRequestedSignal = defineSignal<[ExportRequest]>('exportRequested');
/** A yes to the question that is asked; see `domain/decision.ts` for everything it may be given. */
export const approveSignal = defineSignal<unknown[]>('approve');
export const rejectSignal = defineSignal<unknown[]>('reject');
/** Sends nothing more until `resume`; calls in flight end. */
export const pauseSignal = defineSignal<unknown[]>('pause');
export const resumeSignal = defineSignal<unknown[]>('resume');
export const progressQuery = defineQuery<Progress>('progress');

/** Where the current export (the last one, when none is left) stands. */
export interface Progress {
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  readonly revision: string;
  readonly stage: Stage;
  readonly destination: string;
  readonly labels: LabelCounts;
  readonly leftOut: Partial<Record<LeftOutReason, number>>;
  readonly chunks: { readonly total: number; readonly done: number };
  /** `upTo`: labels approved so far. */
  readonly approval: { readonly needed: boolean; readonly upTo: number; readonly expiresAt?: string };
  readonly pausedBecause?: string;
  readonly outcome?: string;
  /** Requests that wait behind the current one. */
  readonly queued: number;
  readonly log: readonly LogEntry[];
}
