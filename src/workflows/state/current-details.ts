import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { detailsText, type Question } from './details-text';
import { toProgress } from './progress';
import type { RunState } from './issue-state';

/** Shows how the export stands on the Web UI's User Metadata tab, and what is asked. */
export function showDetails(run: RunState): void {
  setCurrentDetails(detailsText(toProgress(run), openQuestion(run)));
}

function openQuestion({ current }: RunState): Question | undefined {
  if (!current?.asking) return undefined;
  const { workflowId, namespace } = workflowInfo();
  return {
    from: current.approvedUpTo + 1,
    to: current.plan.labels,
    workflowId,
    namespace,
    plan: current.plan,
  };
}
