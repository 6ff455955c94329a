import type { Plan } from '../../domain/plan';
import type { NamedCount } from '../../domain/plan-summary';
import { ChangedFile } from '../../payloads/changed-file';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { readPlan } from '../../payloads/plan-file';
import type { NotifyInput } from '../contracts';

/** The part of a plan that a notice about a question contains. */
export interface NoticePlan extends Pick<Plan, 'elements' | 'labels' | 'leftOut' | 'destinationProject'> {
  /** At most 20 classes, most labels first. */
  readonly classes: readonly NamedCount[];
  readonly frames: number;
}

const maxClasses = 20;

/**
 * Reads the plan of a question from the store: class names must not enter histories.
 * @returns undefined for events without a question, or when the plan cannot be read.
 */
export async function readNoticePlan(
  store: PayloadStore,
  { question, ref }: NotifyInput,
): Promise<NoticePlan | undefined> {
  if (!question) return undefined;
  try {
    const { elements, labels, leftOut, destinationProject, summary } = await readPlan(store, ref);
    const classes = summary.classes.top.slice(0, maxClasses);
    return { elements, labels, leftOut, destinationProject, classes, frames: summary.frames };
  } catch (error) {
    // the notice is still sent: it matters more than its plan
    if (error instanceof PayloadNotFound || error instanceof ChangedFile) return undefined;
    throw error;
  }
}
