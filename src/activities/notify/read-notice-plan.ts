import type { Plan } from '../../domain/plan';
import type { NamedCount } from '../../domain/plan-summary';
import { ChangedFile } from '../../payloads/changed-file';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { readPlan } from '../../payloads/plan-file';
import type { NotifyInput } from '../contracts';

/** What a notice says of the plan that waits for approval. */
export interface NoticePlan extends Pick<Plan, 'elements' | 'labels' | 'leftOut' | 'destinationProject'> {
  /** Most labels first; at most twenty. */
  readonly classes: readonly NamedCount[];
  readonly frames: number;
}

const classesTold = 20;

/**
 * The plan of a question, from the store: its classes are no matter for histories. Undefined for other
 * events, or when it cannot be read.
 */
export async function readNoticePlan(
  store: PayloadStore,
  { question, ref }: NotifyInput,
): Promise<NoticePlan | undefined> {
  if (!question) return undefined;
  try {
    const { elements, labels, leftOut, destinationProject, summary } = await readPlan(store, ref);
    const classes = summary.classes.top.slice(0, classesTold);
    return { elements, labels, leftOut, destinationProject, classes, frames: summary.frames };
  } catch (error) {
    if (error instanceof PayloadNotFound || error instanceof ChangedFile) return undefined; // the notice matters more than its plan
    throw error;
  }
}
