import { workflowInfo } from '@temporalio/workflow';
import type { ExportRef, NoticeEvent, NoticeTarget, NotifyInput } from '../activities/contracts';
import type { ExportRequest } from '../domain/request';
import type { Outcome, Stage } from '../domain/stage';
import { noteNotice, notify } from './activity-options';
import type { CurrentExport } from './carried';
import { labelCountsOf } from './counts';
import type { Run } from './run';

/** Which outcomes are told, and as what; the others are a person's own doing. */
const eventOfOutcome: Partial<Record<Outcome, NoticeEvent>> = {
  completed: 'export.completed',
  'completed-with-problems': 'export.completed',
  failed: 'export.failed',
  expired: 'export.failed',
};

/** Tells everybody who wants to know of an event of the current export. Nothing waits for it but the end of the run. */
export function tell(run: Run, event: 'export.awaiting-approval' | 'export.reminder' | 'export.paused'): void {
  const { current, pause } = run;
  if (!current) return;
  const because = pause ? { because: pause.because } : {};
  const stage = event === 'export.paused' ? 'paused' : 'awaiting-approval';
  send(run, current.plan.notices, { event, ...aboutExport(current, stage), ...questionOf(current), ...because });
}

/** Tells how an export with a plan ended. */
export function tellEnd(run: Run, current: CurrentExport, outcome: Outcome, reason: string | undefined): void {
  const event = eventOfOutcome[outcome];
  if (event) send(run, current.plan.notices, { event, ...aboutExport(current, outcome), ...(reason ? { because: reason } : {}) });
}

/** Tells that no plan could be made. */
export function tellFailure(
  run: Run,
  { issueName, project }: ExportRequest,
  failed: { readonly ref: ExportRef; readonly reason: string; readonly notices?: readonly NoticeTarget[] },
): void {
  const labels = labelCountsOf(undefined, true);
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

type Told = Omit<NotifyInput, 'target' | 'id' | 'at'>;

function send(run: Run, targets: readonly NoticeTarget[] | undefined, told: Told): void {
  const at = new Date().toISOString();
  for (const { name, events } of targets ?? []) {
    if (!events.includes(told.event)) continue;
    run.noticesSent += 1;
    const id = `${workflowInfo().firstExecutionRunId}-${run.noticesSent}`;
    run.pendingNotices += 1;
    void deliver({ ...told, target: name, id, at }).finally(() => (run.pendingNotices -= 1));
  }
}

/** Never rejects: a notice is no reason to stop an export. */
async function deliver(notice: NotifyInput): Promise<void> {
  try {
    await notify(notice);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const failure = (cause instanceof Error ? cause.message : 'unknown failure').slice(0, 200);
    await noteNotice({ notice, failure }).catch(() => undefined);
  }
}

function aboutExport({ plan, counts }: CurrentExport, stage: Stage) {
  const { ref, issueName, project, destination, brief } = plan;
  const labels = labelCountsOf({ plan, counts }, false);
  return { ref, issueName, project, destination, stage, labels, ...(brief ? { brief } : {}) };
}

function questionOf({ asking, approvedUpTo, plan }: CurrentExport): Pick<NotifyInput, 'question'> {
  if (!asking) return {};
  return { question: { from: approvedUpTo + 1, to: plan.labels, expiresAt: new Date(asking.expiresAt).toISOString() } };
}
