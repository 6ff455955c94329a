import { condition } from '@temporalio/workflow';
import type { Decision } from '../../domain/decision';
import { newerThan, type Queued } from '../../domain/queue';
import { formatDuration } from '../../text/duration';
import { isPastDeadline } from '../decide/deadline';
import type { CurrentExport } from '../state/carried';
import { type IssueState, requireExport } from '../state/issue-state';
import type { Run } from '../state/run';

/** What can happen while a question is open. */
export type QuestionEvent =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'answered'; readonly decision: Decision }
  | { readonly kind: 'expired'; readonly within: string }
  | { readonly kind: 'reminder-due' }
  | { readonly kind: 'newer-request'; readonly newer: Queued }
  | { readonly kind: 'must-continue-as-new' }
  | { readonly kind: 'pause-changed' };

/** Waits for the next event of the open question. Call it again after each event: several may be due. */
export async function nextEvent(run: Run): Promise<QuestionEvent> {
  const due = dueEvent(run);
  if (due) return due;
  run.setStage(run.state.pause ? 'paused' : 'awaiting-approval');
  await awaitChange(run);
  return dueEvent(run) ?? { kind: 'pause-changed' };
}

/**
 * If several events are due, the order here counts: cancel before decision, decision before deadline. After the
 * deadline, the question stays open only while the decision proof of an update is read.
 */
function dueEvent(run: Run): QuestionEvent | undefined {
  const { state } = run;
  const current = requireExport(state);
  const now = Date.now();
  if (state.cancelled) return { kind: 'cancelled' };
  if (state.answer) return { kind: 'answered', decision: state.answer };
  if (current.asking && isPastDeadline(state, current.asking))
    return state.decisionChecks > 0 ? undefined : { kind: 'expired', within: formatExpiry(current) };
  if (now >= reminderTime(current)) return { kind: 'reminder-due' };
  const newer = findSuperseding(state);
  if (newer) return { kind: 'newer-request', newer };
  return run.mustContinueAsNew ? { kind: 'must-continue-as-new' } : undefined;
}

/** Waits until an event is due, or a pause begins or ends. */
async function awaitChange(run: Run): Promise<void> {
  const { state } = run;
  const { pause } = state;
  const hasChanged = () => state.pause !== pause || dueEvent(run) !== undefined;
  const { asking } = requireExport(state);
  if (asking && isPastDeadline(state, asking)) return condition(hasChanged); // a decision proof is being read
  const expiresAt = deadline(state);
  const remindAt = reminderTime(requireExport(state));
  const wakeAt = Math.min(remindAt, expiresAt);
  if (wakeAt === Infinity) return condition(hasChanged);
  await condition(hasChanged, Math.max(1, wakeAt - Date.now()), {
    summary: expiresAt <= remindAt ? 'approval deadline' : 'approval reminder',
  });
}

/** The newest request of the project, if the current export has neither approved nor sent labels. */
function findSuperseding(state: IssueState): Queued | undefined {
  const { approvedUpTo, plan, cursor, request } = requireExport(state);
  const hasBegun = approvedUpTo > 0 || plan.touchedUpTo > 0 || cursor.done > 0;
  return hasBegun ? undefined : newerThan(state.queue, request).find(({ unplannable }) => !unplannable);
}

function formatExpiry({ plan }: CurrentExport): string {
  return formatDuration(plan.asking.expiresAfterMs, 'exact');
}

/** In epoch ms. Infinity while the export is paused, because its deadline is suspended. */
function deadline(state: IssueState): number {
  return state.pause ? Infinity : (requireExport(state).asking?.expiresAt ?? Infinity);
}

function reminderTime({ asking }: CurrentExport): number {
  return asking?.remindAt ?? Infinity;
}
