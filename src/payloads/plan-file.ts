import { createHash } from 'node:crypto';
import type { Plan } from '../domain/plan';
import { type AttemptRef, planKey } from './keys';
import type { PayloadStore } from './payload-store';
import { readBytes, writeJson } from './read-whole';
import { ChangedFile } from './changed-file';

/** `plan.json` names its own hash, so that a changed destination or project is found before anything is sent. */
interface PlanFile extends Plan {
  /** sha256 of the JSON of all other keys, as `JSON.stringify` writes them. */
  readonly planSha256: string;
}

/** Makes the attempt exist: all its other files are in the store. */
export async function writePlan(store: PayloadStore, ref: AttemptRef, plan: Plan): Promise<void> {
  await writeJson(store, planKey(ref), { ...plan, planSha256: hashOf(plan) } satisfies PlanFile);
}

/** The plan of an attempt. @throws {PayloadNotFound} @throws {ChangedFile} */
export async function readPlan(store: PayloadStore, ref: AttemptRef): Promise<Plan> {
  const { planSha256, ...plan } = parse(ref, (await readBytes(store, planKey(ref))).toString('utf8'));
  if (planSha256 !== hashOf(plan)) throw new ChangedFile(ref, planKey(ref), 'was changed after it was written');
  if (plan.issueId !== ref.issueId || plan.revision !== ref.revision || plan.attempt !== ref.attempt) {
    throw new ChangedFile(ref, planKey(ref), 'belongs to another attempt');
  }
  return plan;
}

function parse(ref: AttemptRef, text: string): PlanFile {
  try {
    return JSON.parse(text) as PlanFile;
  } catch {
    throw new ChangedFile(ref, planKey(ref), 'is not whole JSON: it was changed or cut off');
  }
}

function hashOf(plan: Plan): string {
  return createHash('sha256').update(JSON.stringify(plan), 'utf8').digest('hex');
}
