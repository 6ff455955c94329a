import type { PreparedPlan } from '../../activities/contracts';
import { pluralize } from '../../text/pluralize';

type PlanInNumbers = Pick<PreparedPlan, 'digits' | 'labels'>;

/** @param named the digits of the plan that the sender of a decision saw: 12, or all 64. */
export function isSamePlan(named: string, { digits }: Pick<PlanInNumbers, 'digits'>): boolean {
  return named.slice(0, digits.length) === digits;
}

/** Why a decision that names another plan decides nothing: its `upTo` may name other labels. */
export function describeOtherPlan({ digits, labels }: PlanInNumbers): string {
  return `the plan was made again: it is now ${digits} with ${pluralize(labels, 'label')}`;
}
