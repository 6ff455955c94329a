import type { ExportDetail } from '../operator-api';
import type { Stage } from '../../../domain/stage';

/** What an operator does next, by stage. */
const nextSteps: Readonly<Record<Stage, string>> = {
  preparing: 'Nothing to do: the plan is being made.',
  'awaiting-approval': 'Read the plan, then approve or reject it.',
  sending: 'Nothing to do: labels are being sent. Pause or cancel it to stop.',
  paused: 'Repair what the reason names, then resume it, or cancel it.',
  completed: 'Nothing to do. To send every label once more, ask again for all with a reason.',
  'completed-with-problems':
    'Read the report, repair the causes, then ask again: only what was not done is planned.',
  rejected: 'Nothing was sent after the rejection. If it was a mistake, ask again.',
  expired: 'No decision came in time. Ask again to get the question once more.',
  superseded: 'Nothing to do: a newer export of the issue took its place.',
  cancelled:
    'Ask again to send what was withheld. If files of an earlier export are lost, ask again for all.',
  failed: 'Repair what the reason names, then ask again.',
};

/** Also for a request that has neither an open run nor a report. */
export function describeNextStep({
  stage,
  isOpen,
  outcome,
  inbox,
  dropped,
  planFault,
}: Pick<ExportDetail, 'stage' | 'isOpen' | 'outcome' | 'inbox' | 'dropped' | 'planFault'>): string {
  const isHeld = inbox.some(({ held }) => held !== undefined);
  const isWaiting = inbox.some(({ held }) => held === undefined);
  if (!isOpen && isHeld && !isWaiting) return 'Replay the held request, or drop it.';
  if (stage === 'awaiting-approval' && planFault !== undefined)
    return 'Restore that file from the backup, or reject the export and ask again.';
  if (isOpen || outcome !== undefined) return nextSteps[stage];
  if (isWaiting) return 'Nothing to do: it starts in a moment.';
  return dropped.length > 0
    ? 'Nothing to do: the request was dropped. Replay its delivery to export it after all.'
    : 'Its workflow ended without a report. Replay the delivery.';
}
