import type { AttemptRef } from '../../domain/attempt-ref';
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { NoticeTarget, NotifyInput } from '../../activities/contracts';
import type { NoticeEvent } from '../../domain/notice-event';
import type { ExportRequest } from '../../domain/request';
import type { Outcome, Stage } from '../../domain/stage';
import { noteNotice, noticeMs, notify } from './activity-options';
import type { CurrentExport } from '../state/carried';
import { toLabelCounts } from '../state/label-counts';
import type { Run } from '../state/run';

/** Which outcomes are told, and as what; the others are a person's own doing. */
const eventOfOutcome: Partial<Record<Outcome, NoticeEvent>> = {
  completed: 'export.completed',
  'completed-with-problems': 'export.completed',
  failed: 'export.failed',
  expired: 'export.failed',
};

/** Tells everybody who wants to know of an event of the current export. Nothing waits for it but the end of the run. */
export function notifyTargets(
  run: Run,
  event: 'export.awaiting-approval' | 'export.reminder' | 'export.paused',
): void {
  const { current, pause } = run;
  if (!current) return;
  const because = pause ? { because: pause.because } : {};
  const stage = pause ? 'paused' : 'awaiting-approval';
  send(run, current.plan.notices, {
    event,
    ...aboutExport(current, stage),
    ...noticeQuestion(run, current),
    ...because,
  });
}

/** Tells how an export with a plan ended. */
export function notifyEnd(
  run: Run,
  current: CurrentExport,
  outcome: Outcome,
  reason: string | undefined,
): void {
  const event = eventOfOutcome[outcome];
  if (event)
    send(run, current.plan.notices, {
      event,
      ...aboutExport(current, outcome),
      ...(reason ? { because: reason } : {}),
    });
}

/** Tells that no plan could be made. */
export function notifyFailure(
  run: Run,
  { issueName, project }: ExportRequest,
  failed: { readonly ref: AttemptRef; readonly reason: string; readonly notices: readonly NoticeTarget[] },
): void {
  const labels = toLabelCounts(undefined, true);
  send(run, failed.notices, {
    event: 'export.failed',
    ref: failed.ref,
    issueName,
    project,
    stage: 'failed',
    labels,
    because: failed.reason,
  });
}

type NoticeContent = Omit<NotifyInput, 'target' | 'id' | 'at'>;

function send(run: Run, targets: readonly NoticeTarget[], told: NoticeContent): void {
  const at = new Date().toISOString();
  for (const { name, events } of targets) {
    if (!events.includes(told.event)) continue;
    run.noticesSent += 1;
    const id = `${workflowInfo().firstExecutionRunId}-${run.noticesSent}`;
    start(run, { ...told, target: name, id, at });
  }
}

/** Goes on with what the run before put off. */
export function resumeNotices(run: Run, notices: readonly NotifyInput[] = []): void {
  for (const notice of notices) start(run, notice);
}

/** Stops trying, so that the run can go on in another, which takes them up. A call that is being made is let end. */
export function suspendNotices(run: Run): void {
  for (const scope of run.notices.values()) scope.cancel();
}

function start(run: Run, notice: NotifyInput): void {
  const scope = new CancellationScope({ cancellable: true });
  run.notices.set(notice.id, scope);
  const delivering = () => deliver(run, notice, scope);
  void CancellationScope.nonCancellable(delivering).finally(() => run.notices.delete(notice.id));
}

/** Never rejects: a notice is no reason to stop an export. */
async function deliver(run: Run, notice: NotifyInput, scope: CancellationScope): Promise<void> {
  try {
    const ms = noticeMs - (Date.now() - Date.parse(notice.at)); // one that was put off has had some of it
    await scope.run(() => notify(notice, Math.max(1, ms)));
  } catch (error) {
    if (scope.consideredCancelled) {
      run.suspendedNotices = [...run.suspendedNotices, notice];
      return;
    }
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const failure = (cause instanceof Error ? cause.message : 'unknown failure').slice(0, 200);
    await noteNotice({ notice, failure }).catch(() => undefined);
  }
}

function aboutExport({ plan, counts }: CurrentExport, stage: Stage) {
  const { ref, issueName, project, destination, brief } = plan;
  const labels = toLabelCounts({ plan, counts }, false);
  return { ref, issueName, project, destination, stage, labels, brief };
}

function noticeQuestion(
  { pause }: Run,
  { asking, approvedUpTo, plan }: CurrentExport,
): Pick<NotifyInput, 'question'> {
  if (!asking) return {};
  const until = pause ? {} : { expiresAt: new Date(asking.expiresAt).toISOString() };
  return { question: { from: approvedUpTo + 1, to: plan.labels, ...until } };
}
