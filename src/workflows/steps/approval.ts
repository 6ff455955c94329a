import { defined } from '../../collections/defined';
import type { Decision } from '../../domain/decision';
import type { Range } from '../../domain/receipt';
import { formatNumber } from '../../text/format-number';
import { cancelledReason } from '../decide/cancelled-reason';
import { takePendingDecision } from '../decide/decide';
import { describeDecision, describeSender } from '../decide/describe-decision';
import { reasonForActivity } from '../decide/reason-for-activity';
import type { CurrentExport } from '../state/carried';
import { requireExport } from '../state/issue-state';
import type { Run } from '../state/run';
import { keepDecision } from './activity-options';
import { prepareNewer } from './prepare-newer';
import { nextEvent } from './next-event';
import { notifyReceivers } from './notices';
import type { Ending } from './report-ending';

/*
 * The states of an export that may need approval. Reminders change no state; they continue during a pause.
 *
 *   no question  -- policy approved unsent labels, or a pending decision counts -->  approved, or rejected
 *        |
 *        v      pause: the deadline is suspended
 *     asking  ----------------------------------->  paused
 *        |    <-----------------------------------     |
 *        |      resume: the deadline is extended       |
 *        |                                             |
 *        +-- approve, reject (answered) ---------------+-->  approved, or ended: rejected
 *        +-- cancel -----------------------------------+-->  ended: cancelled
 *        +-- a newer request gets a plan --------------+-->  superseded; its export begins at "no question"
 *        +-- full history -----------------------------+-->  continued as new, in the same state
 *        +-- the deadline passes (only in asking) ---------> ended: expired
 *
 * A pause that is heard after the deadline does not suspend it.
 */

/** `approved`: labels up to `approvedUpTo` of the current export may be sent. */
export type Approval = { readonly kind: 'approved' } | { readonly kind: 'ended'; readonly ending: Ending };

/**
 * Returns immediately if approved labels are unsent; otherwise asks and waits. A newer request may supersede
 * an export without approved or sent labels; the result is then about the newer export.
 */
export async function awaitApproval(run: Run): Promise<Approval> {
  for (;;) {
    const current = requireExport(run.state);
    const early = takePendingDecision(run, current, kindsThatCount(current));
    if (early) return applyDecision(run, early);
    if (hasApprovedUnsentLabels(current) || isWholePlanTaken(current)) return { kind: 'approved' };
    const answer = await ask(run);
    if (answer.kind !== 'superseded') return answer;
  }
}

/** `superseded`: a newer export has begun, and needs its own approval. */
async function ask(run: Run): Promise<Approval | { readonly kind: 'superseded' }> {
  openQuestion(run);
  for (;;) {
    const event = await nextEvent(run);
    switch (event.kind) {
      case 'cancelled':
        return end(run, 'cancelled', await cancelledReason(run.state, 'while it waited for approval'));
      case 'answered':
        return applyDecision(run, event.decision);
      case 'expired':
        return end(run, 'expired', `No decision arrived within ${event.within}.`);
      case 'reminder-due':
        remind(run);
        break;
      case 'newer-request':
        if ((await prepareNewer(run, event.newer)) === 'superseded-current') return { kind: 'superseded' };
        break;
      case 'must-continue-as-new':
        return run.continueAsNew();
      case 'pause-changed': // the timer must be set again
        break;
    }
  }
}

function openQuestion(run: Run): void {
  const { state } = run;
  const current = requireExport(state);
  if (current.asking) return; // from the previous run; this run's first task may already have its answer
  state.answer = undefined;
  state.questionsAsked += 1;
  const { expiresAfterMs, remindEveryMs } = current.plan.asking;
  const now = Date.now();
  run.updateExport({
    asking: { openedAt: now, expiresAt: now + expiresAfterMs, remindAt: now + remindEveryMs },
  });
  run.setStage(state.pause ? 'paused' : 'awaiting-approval');
  notifyReceivers(run, 'export.awaiting-approval');
}

/** Reminds even while the export is paused, because the question is still open. */
function remind(run: Run): void {
  const { asking, plan } = requireExport(run.state);
  if (!asking) return;
  run.updateExport({ asking: { ...asking, remindAt: Date.now() + plan.asking.remindEveryMs } });
  notifyReceivers(run, 'export.reminder');
  run.addLogEntry('Reminder sent: the question is still open.');
}

async function applyDecision(run: Run, decision: Decision): Promise<Approval> {
  const {
    approvedUpTo: from,
    plan: { labels },
  } = requireExport(run.state);
  run.state.answer = decision; // a decision that arrives before the first call, or before the report, is too late
  const upTo = decision.kind === 'reject' ? labels : (decision.upTo ?? labels);
  await writeDecision(run, decision, { from, to: upTo });
  run.closeQuestion();
  if (decision.kind === 'reject') return end(run, 'rejected', `${describeDecision(decision)}.`);
  run.updateExport({ approvedUpTo: upTo });
  run.addLogEntry(
    `${describeDecision(decision)} approved labels 1 to ${formatNumber(upTo)} of ${formatNumber(labels)}.`,
  );
  return { kind: 'approved' };
}

/**
 * Call this before the decision takes effect:
 * docs/decisions/014-a-decision-is-written-down-before-it-counts.md.
 */
async function writeDecision(run: Run, decision: Decision, { from, to }: Range): Promise<void> {
  const { reason, kind } = decision;
  const { issueId, questionsAsked } = run.state;
  const entry = {
    ...defined({ kind: kind === 'reject' ? kind : undefined }),
    ...defined({ from: from > 0 ? from : undefined }),
    upTo: to,
    who: describeSender(decision),
    at: new Date().toISOString(),
    ...defined({ reason: reason === undefined ? undefined : reasonForActivity(issueId, reason) }),
  };
  await keepDecision({ ref: requireExport(run.state).plan.ref, question: questionsAsked, entry });
}

function end(run: Run, outcome: Ending['outcome'], reason: string): Approval {
  run.addLogEntry(`${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}: ${reason}`);
  return { kind: 'ended', ending: { outcome, reason } };
}

/** Before the first call, a pending rejection counts even for labels that the policy has approved. */
function kindsThatCount(current: CurrentExport): readonly Decision['kind'][] {
  if (!hasApprovedUnsentLabels(current)) return ['approve', 'reject'];
  return current.cursor.next === 0 ? ['reject'] : [];
}

function hasApprovedUnsentLabels({ approvedUpTo, cursor }: CurrentExport): boolean {
  return approvedUpTo > cursor.next || cursor.returned.length > 0;
}

function isWholePlanTaken({ cursor, plan }: CurrentExport): boolean {
  return cursor.next >= plan.labels;
}
