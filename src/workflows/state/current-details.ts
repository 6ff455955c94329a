import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { detailsText, type ShownQuestion } from './details-text';
import { currentExport, type IssueState } from './issue-state';
import { toProgress } from './progress';

/** Shows progress and the open question in the User Metadata tab of Temporal's Web UI. */
export function showDetails(state: IssueState): void {
  setCurrentDetails(detailsText(toProgress(state), openQuestion(state)));
}

function openQuestion(state: IssueState): ShownQuestion | undefined {
  const current = currentExport(state);
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
