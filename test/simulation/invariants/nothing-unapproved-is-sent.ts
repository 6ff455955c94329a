import type { Approval, StoredPlan } from '../facts';
import type { Invariant } from './invariant';

export const nothingUnapprovedIsSent: Invariant = {
  name: 'nothing-unapproved-is-sent',
  promise:
    'A label is sent only as a stored plan has it, and if the policy or a person approved its position.',
  watch: (facts, fail) => ({
    onCall({ key, labelIds, project }) {
      const [requestId = '', range = ''] = key.split('/');
      const [from = 0, to = 0] = range.split('-').map(Number);
      const plan = (facts.plans.get(requestId) ?? []).findLast(
        (made) =>
          made.labelIds.slice(from, to).join() === labelIds.join() && made.destinationProject === project,
      );
      if (!plan)
        return fail(
          `A call for labels ${range} of ${requestId} has ${labelIds.join()} in ${project}, which no plan of it has there.`,
        );
      if (plan.labels <= facts.world.scenario.approvalAbove) return;
      if (!facts.approvals.some((approval) => covers(approval, plan, to)))
        fail(`Labels ${range} of ${requestId} were sent without an approval.`);
    },
  }),
};

function covers({ issueId, revision, plan, upTo }: Approval, made: StoredPlan, to: number): boolean {
  return (
    issueId === made.issueId &&
    (revision === undefined || revision === made.revision) &&
    (plan === undefined || made.labelsSha256.startsWith(plan)) &&
    upTo >= to
  );
}
