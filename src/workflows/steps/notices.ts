import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { NoticeReceiver, NotifyInput, PreparedFailure } from '../../activities/contracts';
import { defined } from '../../collections/defined';
import type { NoticeEvent } from '../../domain/notice-event';
import type { ExportRequest } from '../../domain/request';
import type { Outcome, Stage } from '../../domain/stage';
import type { CurrentExport } from '../state/carried';
import { currentExport, type IssueState } from '../state/issue-state';
import { toLabelCounts } from '../state/label-counts';
import type { Run } from '../state/run';
import { noteNotice, noticeMs, notify } from './activity-options';
import { rootMessage } from './root-message';

/** The other outcomes send no notice: they follow from a decision, a cancel or a newer delivery. */
const eventOfOutcome: Partial<Record<Outcome, NoticeEvent>> = {
  completed: 'export.completed',
  'completed-with-problems': 'export.completed',
  failed: 'export.failed',
  expired: 'export.failed',
};

/** Sends notices about the current export without waiting for them. The run waits only before it closes. */
export function notifyReceivers(
  run: Run,
  event: 'export.awaiting-approval' | 'export.reminder' | 'export.paused' | 'export.stuck',
): void {
  const current = currentExport(run.state);
  if (!current) return;
  const { pause, stuck } = run.state;
  const waiting: Stage = event === 'export.stuck' ? 'sending' : 'awaiting-approval';
  send(run, current.plan.notices, {
    event,
    ...describeExport(current, pause ? 'paused' : waiting),
    ...describeQuestion(run.state, current),
    ...defined({ because: pause?.because ?? stuck?.because }),
  });
}

/** Sends notices about the end of an export with a plan. */
export function notifyEnd(
  run: Run,
  current: CurrentExport,
  outcome: Outcome,
  reason: string | undefined,
): void {
  const event = eventOfOutcome[outcome];
  if (!event) return;
  send(run, current.plan.notices, {
    event,
    ...describeExport(current, outcome),
    ...defined({ because: reason }),
  });
}

/** Sends notices about a request for which no plan could be made. */
export function notifyUnplanned(
  run: Run,
  { issueName, project }: ExportRequest,
  {
    event,
    stage,
    ref,
    because,
    notices,
  }: Pick<NotifyInput, 'event' | 'stage' | 'ref' | 'because'> & Pick<PreparedFailure, 'notices'>,
): void {
  const labels = toLabelCounts(undefined, true);
  send(run, notices, { event, ref, issueName, project, stage, labels, ...defined({ because }) });
}

/** Resumes the notices that the previous run suspended. */
export function resumeNotices(run: Run, notices: readonly NotifyInput[] = []): void {
  for (const notice of notices) start(run, notice);
}

/**
 * Stops retrying notices, so that the run can continue as new. A call in flight finishes; the next run
 * resumes the unsent notices.
 */
export function suspendNotices(run: Run): void {
  for (const scope of run.noticeScopes.values()) scope.cancel();
}

function send(
  run: Run,
  receivers: readonly NoticeReceiver[],
  notice: Omit<NotifyInput, 'target' | 'id' | 'at'>,
): void {
  const at = new Date().toISOString();
  for (const { name: target, events } of receivers) {
    if (!events.includes(notice.event)) continue;
    run.state.noticesSent += 1;
    const id = `${workflowInfo().firstExecutionRunId}-${run.state.noticesSent}`;
    start(run, { ...notice, target, id, at });
  }
}

function start(run: Run, notice: NotifyInput): void {
  const scope = new CancellationScope({ cancellable: true });
  run.noticeScopes.set(notice.id, scope);
  const sending = () => sendNotice(run, notice, scope);
  void CancellationScope.nonCancellable(sending).finally(() => run.noticeScopes.delete(notice.id));
}

/** Never rejects, because a notice that can't be sent must not stop an export. */
async function sendNotice(run: Run, notice: NotifyInput, scope: CancellationScope): Promise<void> {
  try {
    const usedMs = Date.now() - Date.parse(notice.at); // a resumed notice has used some of its time already
    await scope.run(() => notify(notice, Math.max(1, noticeMs - usedMs)));
  } catch (error) {
    if (scope.consideredCancelled) run.state.suspendedNotices = [...run.state.suspendedNotices, notice];
    else await noteNotice({ notice, failure: rootMessage(error) }).catch(() => undefined);
  }
}

function describeExport({ plan, counts }: CurrentExport, stage: Stage) {
  const { ref, issueName, project, destination, brief } = plan;
  const labels = toLabelCounts({ plan, counts }, false);
  return { ref, issueName, project, destination, stage, labels, brief };
}

/** While the export is paused, its deadline is suspended: there is no date. */
function describeQuestion(
  { pause }: IssueState,
  { asking, approvedUpTo, plan }: CurrentExport,
): Pick<NotifyInput, 'question'> {
  if (!asking) return {};
  const expiresAt = pause ? undefined : new Date(asking.expiresAt).toISOString();
  return { question: { from: approvedUpTo + 1, to: plan.labels, ...defined({ expiresAt }) } };
}
