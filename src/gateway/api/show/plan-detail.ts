import { defined } from '../../../collections/defined';
import { type Plan, planDigits } from '../../../domain/plan';
import type { AttemptRef } from '../../../domain/attempt-ref';
import type { Config } from '../../../config/config';
import { ChangedFile } from '../../../payloads/changed-file';
import { planKey } from '../../../payloads/keys';
import { PayloadIsFolder, PayloadNotFound, type PayloadStore } from '../../../payloads/payload-store';
import { readPlan } from '../../../payloads/plan-file';
import type { ExportDetail, PlanDetail } from '../operator-api';

/** Reads an attempt's plan as an approver sees it, or says why it cannot be read. */
export async function planDetail(
  { store, destinations }: { store: PayloadStore; destinations: Config['destinations'] },
  ref: AttemptRef,
): Promise<Pick<ExportDetail, 'plan' | 'planFault'>> {
  try {
    return { plan: describePlan(await readPlan(store, ref), destinations) };
  } catch (error) {
    const path = planKey(ref);
    if (error instanceof PayloadNotFound) return { planFault: `The plan is missing: ${path}.` };
    if (error instanceof ChangedFile || error instanceof PayloadIsFolder)
      return { planFault: `The plan was changed: ${path}.` };
    throw error;
  }
}

function describePlan(plan: Plan, destinations: Config['destinations']): PlanDetail {
  const {
    revision,
    attempt,
    createdAt,
    receivedAt,
    force,
    elements,
    labels,
    leftOut,
    destination,
    destinationProject,
    summary,
  } = plan;
  const { chunkLabels = 100, rate } = destinations.find(({ name }) => name === destination) ?? {};
  const calls = Math.ceil(labels / chunkLabels);
  return {
    plan: planDigits(plan),
    revision,
    attempt,
    createdAt,
    receivedAt,
    force,
    elements,
    labels,
    leftOut,
    destination,
    destinationProject,
    calls,
    summary,
    ...defined({ seconds: rate === undefined ? undefined : Math.ceil(calls / rate) }),
  };
}
