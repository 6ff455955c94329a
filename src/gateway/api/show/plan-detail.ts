import { defined } from '../../../collections/defined';
import { planDigits } from '../../../domain/plan';
import type { AttemptRef } from '../../../domain/attempt-ref';
import type { Config } from '../../../config/config';
import { ChangedFile } from '../../../payloads/changed-file';
import { PayloadIsFolder, PayloadNotFound, type PayloadStore } from '../../../payloads/payload-store';
import { readPlan } from '../../../payloads/plan-file';
import type { PlanDetail } from '../operator-api';

/** Reads an attempt's plan as an approver sees it. @returns undefined when it is missing or changed. */
export async function planDetail(
  { store, destinations }: { store: PayloadStore; destinations: Config['destinations'] },
  ref: AttemptRef,
): Promise<PlanDetail | undefined> {
  const plan = await readPlan(store, ref).catch((error: unknown) => {
    const isUnreadable = [PayloadNotFound, PayloadIsFolder, ChangedFile].some(
      (kind) => error instanceof kind,
    );
    if (isUnreadable) return undefined;
    throw error;
  });
  if (!plan) return undefined;
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
