import { shortRevision } from '../../../domain/revision';
import { planDigits } from '../../../domain/plan';
import { listAttempts } from '../../../payloads/attempts';
import type { PayloadStore } from '../../../payloads/payload-store';
import { pluralize } from '../../../text/pluralize';
import type { Progress } from '../../../workflows/messages';
import { refuse } from '../../http/refusal';
import { storing } from '../../http/store-failure';
import type { DecisionRequest } from '../operator-api';

/**
 * Refuses a decision that names another plan of the current revision, because its `upTo` may name other labels.
 * @throws {Refusal} 409 with the difference between both plans, if the store still knows the one that it names.
 */
export async function refuseOtherPlan(
  store: PayloadStore,
  { issueId, revision, plan: named }: Pick<DecisionRequest, 'issueId' | 'revision' | 'plan'>,
  progress: Progress | undefined,
): Promise<void> {
  if (named === undefined || progress?.plan === undefined) return;
  const { plan, labels } = progress;
  if (progress.revision !== shortRevision(revision) || named.startsWith(plan)) return;
  const before = await storing(countLabels(store, issueId, progress.revision, named));
  const change = describeChange(before, labels.planned) ?? `it has ${pluralize(labels.planned, 'label')} now`;
  throw refuse('plan-changed', `the plan was made again: ${change}. Read the plan ${plan}, then decide.`);
}

/** @returns undefined when the store has no such plan of the revision. */
async function countLabels(
  store: PayloadStore,
  issueId: string,
  revision: string,
  named: string,
): Promise<number | undefined> {
  const attempts = await listAttempts(store, issueId, revision);
  const plans = attempts.flatMap(({ plan }) => (plan ? [...(plan.replaced ?? []), plan] : []));
  return plans.findLast((plan) => named.startsWith(planDigits(plan)))?.labels;
}

function describeChange(before: number | undefined, now: number): string | undefined {
  if (before === undefined) return undefined;
  if (before === now) return 'as many labels, but others';
  return now < before
    ? `${pluralize(before - now, 'label')} fewer`
    : `${pluralize(now - before, 'label')} more`;
}
