import type { AttemptRef } from '../domain/attempt-ref';
import type { Plan } from '../domain/plan';
import { ChangedFile } from './changed-file';
import { createHashedJson, hashJson, readHashedJson } from './hashed-json';
import { planKey } from './keys';
import type { PayloadStore } from './payload-store';

/**
 * `plan.json` contains its own hash: Requeue notices a changed destination or project before it sends labels.
 */
const hashName = 'planSha256';

/**
 * Creates the attempt. Write all its other files first: a plan promises that they exist.
 * @returns false when the attempt has a plan, which then stays.
 */
export async function createPlanFile(store: PayloadStore, ref: AttemptRef, plan: Plan): Promise<boolean> {
  return createHashedJson(store, planKey(ref), hashName, plan);
}

/** Identifies a plan with its destination and project, unlike `planDigits`, which only identifies its labels. */
export function planHash(plan: Plan): string {
  return hashJson(plan);
}

/**
 * @throws {PayloadNotFound}
 * @throws {ChangedFile} when the plan was changed or belongs to another attempt.
 */
export async function readPlan(store: PayloadStore, ref: AttemptRef): Promise<Plan> {
  const plan = (await readHashedJson(store, ref, planKey(ref), hashName)) as Plan;
  if (plan.issueId !== ref.issueId || plan.revision !== ref.revision || plan.attempt !== ref.attempt) {
    throw new ChangedFile(ref, planKey(ref), 'belongs to another attempt');
  }
  return plan;
}
